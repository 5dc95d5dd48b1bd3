/** S04: a candidate whose log is behind is refused, however eagerly it stands. S05 reads what that keeps. */
import {
  ablate,
  count,
  countFigure,
  isViolation,
  median,
  numbers,
  showFirst,
  claim,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, both, campaigns, lastRead, led } from './scenes.ts';

const WRITES = 100;

/** n2 misses a hundred writes, and is the first to stand when n1, which led, is gone; n3 has all of them. */
export const laggardStandsFirst: Story = async (stage) => {
  const first = await stage.leader();
  const [laggard, complete] = stage.others(first) as [string, string];
  const writer = stage.actor(first);
  await writer.put('x', 0);
  const heal = await stage.isolate(laggard);
  for (let value = 1; value <= WRITES; value++) await writer.put('x', value);
  const goneMs = stage.nowMs;
  const term = stage.term(first);
  await stage.kill(first);
  await heal();
  const reader = stage.actor(complete);
  const next = await stage.leaderAfter(term);
  const asked = await lastRead(stage, reader);
  return {
    stood: campaigns(stage.probes, laggard, goneMs),
    laggardLed: led(stage.probes, laggard, goneMs) && next === laggard,
    value: asked.value,
    at: asked.at,
  };
};

/** The follower that is cut off stands again and again before it is back: its term is the highest. */
export const LAGGARD_SCENE: ReturnType<typeof barScene> = barScene([2, 1.6, 0.5]);

export const s04: Experiment = {
  id: 'S04',
  lines: '10-12',
  note: 'A server refuses its vote to a candidate whose log is less up to date than its own.',
  form: 'statement',
  status: 'holds',
  decisive: 'M04',
  arms: both({
    scene: LAGGARD_SCENE,
    story: laggardStandsFirst,
    about: 'A follower misses a hundred writes and stands for election first.',
    quick: 40,
    full: 240,
    mutants: { 'no log check': 'M04' },
  }),
  conclude: (results) => {
    const correct = results['correct']!;
    const { ablation, claims } = ablate(results, {
      rule: 'a vote goes only to a log that is at least as up to date',
      mutant: 'M04',
      counted: 'runs in which the candidate that lacked the writes was elected',
      with: 'correct',
      without: 'no log check',
      is: ({ facts }) => facts['laggardLed'] === true,
    });
    const stood = numbers(correct, 'stood');
    return {
      answer: 'Yes. It is refused each time it stands, however high the term that it brings.',
      explanation:
        'The term decides whether a server listens, and the log whether it votes: a request of a higher term makes the voter forget its own, but its vote stays free until somebody asks whose last entry is at least as late. The laggard catches up from whoever is elected.',
      claims: [
        toldClaim('correct', correct),
        claim(
          'the laggard did stand first',
          stood.length > 0 && stood.every((it) => it >= 1),
          `${median(stood)} times a run, median`,
        ),
        ...claims,
      ],
      figures: [
        countFigure(
          count(correct, ({ facts }) => facts['laggardLed'] === true),
          'runs elected the laggard',
          'good',
        ),
        { value: String(median(stood)), label: `times it stood in vain, median of ${correct.length} runs` },
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, {
          arm: 'correct',
          words: `the last of ${WRITES} writes is read after the laggard was refused`,
        }),
        ...showFirst(results, {
          arm: 'no log check',
          is: isViolation,
          words: 'the same without the check: the writes are gone',
        }),
      ],
    };
  },
};
