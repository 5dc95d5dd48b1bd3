/** S03: a server votes for the first that asks in a term, and for no other; two candidates ask it in either order. S11 rests on it. */
import { ablate, claim, count, countFigure, isWrong, showFirst, toldClaim, type Experiment } from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, both, hasTwoLeaders, lastIndex, lastRead } from './scenes.ts';

/** n2 and n3 stand in one term, and n1 is the only one whose vote is free. The way of one of them to n1 is longer. */
const twoCandidates: Story = async (stage) => {
  const [voter, a, b] = stage.ids as [string, string, string];
  const first = await stage.leader();
  await stage.actor(first).put('x', 0);
  // Where a server votes twice there are two leaders by now, and they never agree.
  await stage.wait(() => stage.ids.every((id) => lastIndex(stage, id) === lastIndex(stage, first)), 300);
  const before = Math.max(...stage.ids.map((id) => stage.term(id)));
  const restart = await stage.killAll(stage.ids);
  await stage.cut({ from: a, to: b }, { from: b, to: a });
  const slowed = stage.history.length % 2 === Number(stage.options.seed.at(-1)) % 2 ? a : b;
  await stage.slow(8, { from: slowed, to: voter });
  await restart();
  const quick = slowed === a ? b : a;
  const bothStood = (): boolean => {
    const terms = (id: string): number[] =>
      stage.probes.flatMap((it) =>
        it.kind === 'vote' && it.node === id && it.votedFor === id && it.term > before ? [it.term] : [],
      );
    return terms(a).some((term) => terms(b).includes(term));
  };
  const met = await stage.wait(bothStood, 600);
  await stage.sleep(40);
  const votes = stage.probes.filter((it) => it.kind === 'vote' && it.node === voter && it.term > before);
  const firstVote = votes[0];
  // Each of two leaders of one term takes a command at the same index.
  const writers = [stage.actor(a, { pinned: true, timeoutMs: 100 }), stage.actor(b, { pinned: true, timeoutMs: 100 })];
  await Promise.all(writers.map((writer, value) => writer.write('x', value + 1)));
  const read = await lastRead(stage, stage.actor(voter));
  return {
    ...read,
    met,
    quickFirst: firstVote?.kind === 'vote' && firstVote.votedFor === quick,
    slowedIs: slowed,
  };
};

/** The clocks of n2 and n3 are quick and go alike; timeouts hardly differ. */
export const RIVALS_SCENE: ReturnType<typeof barScene> = barScene([0.5, 2, 2], { electionTimeoutMs: [150, 153] });

export const s03: Experiment = {
  id: 'S03',
  lines: '7-8',
  note: 'Does a server that is asked for its vote give it to whoever asks first?',
  form: 'question',
  status: 'answered',
  decisive: 'M03',
  arms: both({
    scene: RIVALS_SCENE,
    story: twoCandidates,
    about: 'Two candidates of one term ask the same voter, one a little later than the other.',
    quick: 80,
    full: 400,
    mutants: { 'votes for both': 'M03' },
  }),
  conclude: (results) => {
    const correct = results['correct']!;
    const met = correct.filter(({ facts }) => facts['met'] === true);
    const { ablation, claims } = ablate(results, {
      rule: 'one vote a term',
      mutant: 'M03',
      counted: 'runs with two leaders in one term',
      with: 'correct',
      without: 'votes for both',
      is: hasTwoLeaders,
    });
    const first = count(met, ({ facts }) => facts['quickFirst'] === true);
    return {
      answer:
        'To the first that asks within a term, if its log is at least as up to date. The vote is durable before it is told, and there is no second one.',
      explanation:
        'Who comes second in the same term is refused, whatever its log. First come, first served is safe only together with the two other rules: one vote a term, and the comparison of the logs.',
      claims: [
        toldClaim('correct', correct),
        claim(
          'two candidates met in one term',
          met.length >= correct.length / 4,
          `${met.length} of ${correct.length} runs`,
        ),
        claim(
          'the vote went to whose request came first',
          met.length > 0 && first.hits === first.of,
          `${first.hits} of ${first.of}`,
        ),
        claim(
          'either of them was first in some runs',
          new Set(met.map(({ facts }) => facts['slowedIs'])).size === 2,
          `${count(met, ({ facts }) => facts['slowedIs'] === 'n2').hits} and ${count(met, ({ facts }) => facts['slowedIs'] === 'n3').hits}`,
        ),
        ...claims,
      ],
      figures: [
        { value: `${first.hits} of ${first.of}`, label: 'votes went to the request that came first' },
        countFigure(count(met, hasTwoLeaders), 'terms with two candidates had two leaders', 'good'),
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, {
          arm: 'correct',
          is: ({ facts }) => facts['met'] === true,
          words: 'two candidates met; the cluster goes on with one leader',
        }),
        ...showFirst(results, { arm: 'votes for both', is: isWrong, words: 'with two leaders in one term' }),
      ],
    };
  },
};
