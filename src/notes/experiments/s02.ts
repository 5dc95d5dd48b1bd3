/** S02: a candidate votes for itself, and that vote is a vote: it stands before anybody is asked, and over any loss of power. */
import { ablate, claim, count, countFigure, showFirst, toldClaim, type Experiment } from '../experiment.ts';
import type { Story, Trial } from '../recording.ts';
import { bothWays, type Stage } from '../stage.ts';
import { barScene, both, hasTwoLeaders, lastRead, settled, told } from './scenes.ts';

const votesOf = (stage: Stage, node: string, term: number): readonly string[] =>
  stage.probes.flatMap((it) => (it.kind === 'vote' && it.node === node && it.term === term ? [it.votedFor] : []));

/**
 * Two of three are left, and both stand in one term; requests take thirty milliseconds. One of them dies as soon as its own vote is durable,
 * starts again, and then hears what the other one asks.
 */
const candidateDies: Story = async (stage) => {
  const [gone, candidate, rival] = stage.ids as [string, string, string];
  const first = await stage.leader();
  await stage.actor(first).put('x', 0);
  await settled(stage, first);
  const before = Math.max(...stage.ids.map((id) => stage.term(id)));
  await stage.kill(gone);
  const restartBoth = await stage.killAll([candidate, rival]);
  const quick = await stage.slow(30, { from: candidate, to: rival }, { from: rival, to: candidate });
  await restartBoth();
  const term = before + 1;
  await stage.until('it to vote for itself', () => votesOf(stage, candidate, term).length > 0);
  const restart = await stage.kill(candidate);
  await restart();
  await stage.sleep(50);
  await quick();
  const together = votesOf(stage, rival, term).length > 0;
  const votes = new Set(votesOf(stage, candidate, term)).size;
  const read = await lastRead(stage, stage.actor(candidate));
  return { ...read, together, votes };
};

/** Two candidates of one term ask the third server; it loses power right after it heard the first of them, and then hears the other. */
const voterLosesPower: Story = async (stage) => {
  const [rival, candidate, voter] = stage.ids as [string, string, string];
  const first = await stage.leader();
  await stage.actor(first).put('x', 0);
  await settled(stage, first);
  const before = Math.max(...stage.ids.map((id) => stage.term(id)));
  const restartAll = await stage.killAll(stage.ids);
  await stage.cut(...bothWays(rival, candidate));
  await restartAll();
  await stage.until('the voter to be asked', () => stage.term(voter) > before);
  await stage.sleep(1);
  const restart = await stage.losePower(voter);
  await restart();
  await stage.sleep(120);
  const read = await lastRead(stage, stage.actor(voter));
  return { ...read, term: stage.term(voter) };
};

export const s02: Experiment = {
  id: 'S02',
  lines: '4-5',
  note: 'A server that starts an election votes for itself.',
  form: 'statement',
  status: 'holds',
  decisive: 'M02',
  arms: {
    ...both({
      scene: barScene([1, 2, 2], { electionTimeoutMs: [150, 153] }),
      story: candidateDies,
      about: 'A candidate dies right after it voted for itself, and is asked by a rival of the same term.',
      quick: 80,
      full: 400,
      mutants: { 'forgets its term': 'M02' },
    }),
    ...Object.fromEntries(
      [undefined, 'M01'].map((mutant) => [
        mutant === undefined ? 'power loss' : 'told before durable',
        told({
          scene: barScene([1.75, 2, 0.5], { electionTimeoutMs: [150, 153], world: { syncMs: [18, 22] } }),
          story: voterLosesPower,
          about: 'A voter loses power right after it was asked for its vote.',
          quick: 80,
          full: 400,
          ...(mutant !== undefined && { mutant }),
        }),
      ]),
    ),
  },
  conclude: (results) => {
    const correct = results['correct']!;
    const durable = ablate(results, {
      rule: 'term and vote outlive a crash',
      mutant: 'M02',
      counted: 'runs in which a server voted twice in one term',
      with: 'correct',
      without: 'forgets its term',
      is: votedTwice,
    });
    const after = ablate(results, {
      rule: 'a vote is told when it is durable',
      mutant: 'M01',
      counted: 'runs with two leaders in one term',
      with: 'power loss',
      without: 'told before durable',
      is: hasTwoLeaders,
    });
    const together = correct.filter(({ facts }) => facts['together'] === true);
    const met = { hits: together.length, of: correct.length };
    return {
      answer:
        'Yes. It raises its term and votes for itself, and that vote counts, like any other, only when it is durable.',
      explanation:
        'A server that forgot its term or its vote in a crash could give the vote of that term away again: two leaders in one term, each with a majority. So both are on disk before the vote counts or is told.',
      claims: [
        toldClaim('correct', correct),
        toldClaim('power loss', results['power loss']!),
        claim(
          'a candidate that had voted for itself was asked by a rival of its term',
          met.hits > met.of / 2,
          `${met.hits} of ${met.of}`,
        ),
        ...durable.claims,
        ...after.claims,
      ],
      figures: [
        countFigure(
          count(together, votedTwice),
          'candidates that died voted again when a rival of their term asked',
          'good',
        ),
        countFigure(
          count(results['power loss']!, votedTwice),
          'voters that lost power voted again in their term',
          'good',
        ),
      ],
      ablations: [durable.ablation, after.ablation],
      charts: [],
      show: showFirst(results, {
        arm: 'correct',
        words: 'the cluster answers after a candidate died in the middle of its election',
      }),
    };
  },
};

/** Some server voted for two candidates of one term. */
function votedTwice({ broken }: Trial): boolean {
  return broken.includes('single-vote');
}
