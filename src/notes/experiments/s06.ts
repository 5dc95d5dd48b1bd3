/** S06: terms of the last entries first, then length: a long log of an older term against a short one of a newer. */
import {
  ablate,
  claim,
  countFigure,
  count,
  isViolation,
  numbers,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, both, campaigns, lastIndex, lastRead } from './scenes.ts';

const TAIL = 5;

/** n1 is cut off with a tail that nobody else has; its successor commits one write and dies; n1 is back and stands first. */
const longOldLog: Story = async (stage) => {
  const old = await stage.leader();
  const writer = stage.actor(old);
  await writer.put('x', 0);
  const heal = await stage.isolate(old);
  const before = lastIndex(stage, old);
  for (let value = 1; value <= TAIL; value++) stage.actor(old, { pinned: true }).begin({ f: 'write', key: 'x', value });
  await stage.until('the tail', () => lastIndex(stage, old) === before + TAIL);
  const next = await stage.leader([old]);
  const reader = stage.actor(next);
  await reader.put('x', 10);
  const goneMs = stage.nowMs;
  await stage.kill(next);
  const [witness] = stage.others(old, next);
  const lengths = { old: lastIndex(stage, old), newer: lastIndex(stage, witness!) };
  const { term } = stage.role(witness!)!;
  await heal();
  const elected = await stage.leaderAfter(term);
  const stood = campaigns(stage.probes, old, goneMs);
  const asked = await lastRead(stage, reader);
  return { ...asked, ...lengths, stood, oldLed: elected === old };
};

export const s06: Experiment = {
  id: 'S06',
  lines: '15',
  note: 'Two logs are compared by the terms of their last entries; only where those are equal does length decide.',
  form: 'statement',
  status: 'holds',
  decisive: 'M05',
  arms: both({
    scene: barScene([2, 1, 0.3]),
    story: longOldLog,
    about: 'A long log whose last entry is old stands against a short one whose last entry is newer.',
    quick: 60,
    full: 240,
    mutants: { 'length only': 'M05', 'refused only when behind in both': 'M06' },
  }),
  conclude: (results) => {
    const correct = results['correct']!;
    const counted = 'runs in which the longer, older log won and the acknowledged write was lost';
    const cases = [
      ['length only', 'M05', 'the later last term wins, however short the log'],
      ['refused only when behind in both', 'M06', 'length decides only between equal last terms'],
    ] as const;
    const ablations = cases.map(([without, mutant, rule]) =>
      ablate(results, { rule, mutant, counted, with: 'correct', without, is: isViolation }),
    );
    const { old, newer } = correct[0]?.facts ?? {};
    return {
      answer: 'Correct: the newer term wins even over a longer log.',
      explanation:
        'Length says how much a server has heard, and not from whom. A leader that is cut off can make its log as long as it likes, while one committed entry of a later term is worth more than all of it.',
      claims: [
        toldClaim('correct', correct),
        claim(
          'the old log was the longer one',
          correct.every(({ facts }) => (facts['old'] as number) > (facts['newer'] as number)),
          `${old} entries against ${newer}`,
        ),
        claim(
          'its owner stood first',
          correct.every(({ facts }) => (facts['stood'] as number) >= 1),
          `${numbers(correct, 'stood').join(' ').slice(0, 40)} times`,
        ),
        claim(
          'and was not elected',
          count(correct, ({ facts }) => facts['oldLed'] === true).hits === 0,
          `${count(correct, ({ facts }) => facts['oldLed'] === true).hits} of ${correct.length}`,
        ),
        ...ablations.flatMap(({ claims }) => claims),
      ],
      figures: [
        countFigure(
          count(correct, ({ facts }) => facts['oldLed'] === true),
          'runs elected the longer, older log',
          'good',
        ),
        { value: `${old} : ${newer}`, label: 'entries of the log that lost, and of the one that won' },
      ],
      ablations: ablations.map(({ ablation }) => ablation),
      charts: [],
      show: [
        ...showFirst(results, { arm: 'correct', words: 'the acknowledged write is read after the long log lost' }),
        ...showFirst(results, { arm: 'length only', is: isViolation, words: 'compared by length alone, it is gone' }),
      ],
    };
  },
};
