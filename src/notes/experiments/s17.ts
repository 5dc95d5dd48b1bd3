/** S17: commit, apply, answer, in this order. A leader is cut off between append and commit, and asked what it thinks. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { seen } from '../stage.ts';
import { barScene, both, lastIndex, lastRead } from './scenes.ts';

const betweenAppendAndCommit: Story = async (stage) => {
  const first = await stage.leader();
  const writer = stage.actor(first, { pinned: true, timeoutMs: 400 });
  await writer.put('x', 0);
  const index = lastIndex(stage, first) + 1;
  await stage.isolate(first);
  const write = writer.begin({ f: 'write', key: 'x', value: 1 });
  await stage.until('the append', () => lastIndex(stage, first) >= index);
  // Nobody else has written anything: whoever reads the old value here is right.
  const early = stage.actor(first, { pinned: true, reads: 'leader' }).begin({ f: 'read', key: 'x', value: null });
  const sawIt = seen(await early.answered) === 1;
  await stage.leaderAfter(stage.term(first));
  const { kind } = await write.answered;
  const read = await lastRead(stage, stage.actor(stage.others(first)[0]!));
  return { ...read, answered: kind, sawIt };
};

export const s17: Experiment = {
  id: 'S17',
  lines: '56-57',
  note: 'When a leader commits an entry, the state is updated and the client is informed.',
  form: 'statement',
  status: 'holds',
  decisive: 'M38',
  arms: both({
    scene: barScene([2, 1, 0.8]),
    story: betweenAppendAndCommit,
    about: 'A leader is cut off when an entry stands in its log and is not committed.',
    quick: 60,
    full: 240,
    mutants: { 'answered when appended': 'M38', 'read from the log': 'M39' },
  }),
  conclude: (results) => {
    const correct = results['correct']!;
    const answered = ablate(results, {
      rule: 'a command is answered when it is committed and applied',
      mutant: 'M38',
      counted: 'runs in which an acknowledged write was lost',
      with: 'correct',
      without: 'answered when appended',
      is: isViolation,
    });
    const dirty = ablate(results, {
      rule: 'a read sees what is applied',
      mutant: 'M39',
      counted: 'runs in which a write was read that never came to be',
      with: 'correct',
      without: 'read from the log',
      is: isViolation,
    });
    const unknown = count(correct, ({ facts }) => facts['answered'] === 'info' || facts['answered'] === 'unknown');
    return {
      answer: 'Yes, and in that order: committed, applied, answered.',
      explanation:
        'Between append and commit an entry may still vanish. Who answers then promises what a majority has not got; who reads then sees what may never have been.',
      claims: [
        toldClaim('correct', correct),
        claim(
          'the write that was not committed was never acknowledged',
          unknown.hits === unknown.of,
          `unknown in ${unknown.hits} of ${unknown.of}`,
        ),
        ...answered.claims,
        ...dirty.claims,
      ],
      figures: [
        countFigure(
          count(correct, isViolation),
          'runs lost an acknowledged write or showed one that never was',
          'good',
        ),
        countFigure(count(results['answered when appended']!, isViolation), 'answered when appended', 'bad'),
        countFigure(count(results['read from the log']!, isViolation), 'read from the log', 'bad'),
      ],
      ablations: [answered.ablation, dirty.ablation],
      charts: [],
      show: [
        ...showFirst(results, { arm: 'correct', words: 'the write was never acknowledged, and is not there' }),
        ...showFirst(results, {
          arm: 'answered when appended',
          is: isViolation,
          words: 'acknowledged too early, and gone',
        }),
      ],
    };
  },
};
