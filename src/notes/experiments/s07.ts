/** S07: a vote that is split two against two. It is forced here: four of five are up, two stand at once, each is heard by another voter. */
import {
  ablate,
  claim,
  count,
  countFigure,
  median,
  ms,
  numbers,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, both, hasTwoLeaders, lastIndex, lastRead } from './scenes.ts';

const splitVote: Story = async (stage) => {
  const [gone, a, b, c, d] = stage.ids as [string, string, string, string, string];
  const first = await stage.leader();
  await stage.actor(first).put('x', 0);
  await stage.wait(() => stage.ids.every((id) => lastIndex(stage, id) === lastIndex(stage, first)), 300);
  const before = Math.max(...stage.ids.map((id) => stage.term(id)));
  const restart = await stage.killAll([a, b, c, d]);
  await stage.kill(gone);
  // a is heard by c at once and by d later, b the other way round.
  const late = await stage.slow(15, { from: a, to: d }, { from: b, to: c });
  await restart();
  const votes = (): Map<number, Map<string, number>> => {
    const all = new Map<number, Map<string, number>>();
    for (const it of stage.probes) {
      if (it.kind !== 'vote' || it.term <= before) continue;
      const inTerm = all.get(it.term) ?? new Map<string, number>();
      all.set(it.term, inTerm.set(it.votedFor, (inTerm.get(it.votedFor) ?? 0) + 1));
    }
    return all;
  };
  const isSplit = (it: ReadonlyMap<string, number>): boolean =>
    [...it.values()].filter((count) => count === 2).length === 2;
  const split = await stage.wait(() => [...votes().values()].some(isSplit), 400);
  const splitTerm = [...votes()].find(([, it]) => isSplit(it))?.[0] ?? 0;
  const splitMs = stage.nowMs;
  await stage.sleep(20);
  const leadersOf = (term: number): number =>
    new Set(
      stage.probes.flatMap((it) => (it.kind === 'role' && it.role === 'leader' && it.term === term ? [it.node] : [])),
    ).size;
  const winners = leadersOf(splitTerm);
  await late();
  // Two winners of one term go on for ever.
  await stage.leaderAfter(splitTerm, 1500);
  const waitedMs = stage.nowMs - splitMs;
  const read = await lastRead(stage, stage.actor(c));
  return { ...read, split, winners, waitedMs, rounds: stage.term(stage.leaderNow()!) - splitTerm };
};

export const s07: Experiment = {
  id: 'S07',
  lines: '17-20',
  note: 'What happens when two servers time out together, and each gets half of the votes of those that are alive?',
  form: 'question',
  status: 'answered',
  decisive: 'M21',
  arms: both({
    scene: barScene([0.5, 2, 2, 0.5, 0.5], { electionTimeoutMs: [150, 156] }),
    story: splitVote,
    about: 'One of five is down; two of the others stand at the same time and get two votes each.',
    quick: 80,
    full: 400,
    mutants: { 'two of five are enough': 'M21' },
  }),
  conclude: (results) => {
    const correct = results['correct']!;
    const split = correct.filter(({ facts }) => facts['split'] === true);
    const { ablation, claims } = ablate(results, {
      rule: 'a majority is more than half of the configured servers',
      mutant: 'M21',
      counted: 'runs with two winners of one term',
      with: 'correct',
      without: 'two of five are enough',
      is: hasTwoLeaders,
    });
    const won = count(split, ({ facts }) => facts['winners'] !== 0);
    const waited = median(numbers(split, 'waitedMs'));
    return {
      answer:
        'They ask for votes, not send heartbeats, and with two votes each nobody wins: a majority is counted of all five that are configured, not of the four that are alive. The term ends without a leader, which costs time and nothing else.',
      explanation:
        'Three votes are needed whoever is down. Both candidates wait for their next, differently drawn timeout and stand again in a later term.',
      claims: [
        toldClaim('correct', correct),
        claim(
          'the vote was split two against two',
          split.length >= correct.length / 2,
          `${split.length} of ${correct.length} runs`,
        ),
        claim('nobody won that term', split.length > 0 && won.hits === 0, `${won.hits} of ${won.of}`),
        ...claims,
      ],
      figures: [
        countFigure(won, 'split votes had a winner', 'good'),
        { value: ms(waited), label: 'from the split vote to a leader, median' },
      ],
      ablations: [ablation],
      charts: [],
      show: showFirst(results, {
        arm: 'correct',
        is: ({ facts }) => facts['split'] === true,
        words: 'the first answer after a vote that was split two against two',
      }),
    };
  },
};
