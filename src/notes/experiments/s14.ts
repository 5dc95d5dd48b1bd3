/** S14: matchIndex, the number that commitment rests on: what a follower verified, and never less. */
import {
  ablate,
  claim,
  count,
  countFigure,
  grouped,
  isWrong,
  sum,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, hinted, lastIndex, lastRead, told } from './scenes.ts';

/** A leader that was cut off with a long tail answers its successor: what does it acknowledge? */
const tailIsNoMatch: Story = async (stage) => {
  const old = await stage.leader();
  const writer = stage.actor(old);
  await writer.put('x', 0);
  const heal = await stage.isolate(old);
  const before = lastIndex(stage, old);
  for (let value = 1; value <= 5; value++)
    stage.actor(old, { pinned: true, timeoutMs: 300 }).begin({ f: 'write', key: 'x', value });
  await stage.until('the tail', () => lastIndex(stage, old) >= before + 5);
  const next = await stage.leaderAfter(stage.term(old));
  const other = stage.actor(next);
  await other.put('x', 10);
  await heal();
  await stage.sleep(100);
  const read = await lastRead(stage, other);
  return read;
};

export const s14: Experiment = {
  id: 'S14',
  lines: '46-48',
  note: 'matchIndex is how far the leader knows a follower to agree; it comes with the reply to AppendEntries.',
  form: 'statement',
  status: 'holds',
  decisive: 'M18',
  arms: {
    late: hinted({ of: 'M17', quick: 30, full: 300 }),
    'takes back': hinted({ of: 'M17', mutant: 'M17', quick: 30, full: 300 }),
    tail: told({
      scene: barScene([2, 1, 0.8]),
      story: tailIsNoMatch,
      about: 'A deposed leader with a long tail of its own answers its successor.',
      quick: 60,
      full: 240,
    }),
    'tail acknowledged': told({
      scene: barScene([2, 1, 0.8]),
      story: tailIsNoMatch,
      about: 'As before, and it acknowledges all that it has.',
      quick: 60,
      full: 240,
      mutant: 'M18',
    }),
  },
  conclude: (results) => {
    const correct = [...results['late']!, ...results['tail']!];
    const parts = [
      {
        rule: 'a late reply takes nothing back',
        mutant: 'M17',
        counted: 'runs in which matchIndex fell',
        with: 'late',
        without: 'takes back',
      },
      {
        rule: 'a follower acknowledges what it verified, and not all that it has',
        mutant: 'M18',
        counted: 'runs in which a leader believed what was not so',
        with: 'tail',
        without: 'tail acknowledged',
      },
    ].map((it) => ablate(results, { ...it, is: isWrong }));
    return {
      answer:
        'Yes, and safety rests on it: it begins at nought in every term, only grows, and covers only what the follower has verified against this leader.',
      explanation:
        'Unlike nextIndex it is no guess. A leader counts it when it looks for a majority, so an acknowledgement of entries that are not the same would commit what is not there.',
      claims: [
        toldClaim('tail', results['tail']!),
        claim(
          'nothing broke',
          count(correct, isWrong).hits === 0,
          `${count(correct, isWrong).hits} of ${correct.length}`,
        ),
        ...parts.flatMap(({ claims }) => claims),
      ],
      figures: [
        countFigure(count(correct, isWrong), 'runs with late, doubled and overtaken replies went wrong', 'good'),
        { value: grouped(sum(results['late']!.map(({ ok }) => ok))), label: 'operations answered in them' },
      ],
      ablations: parts.map(({ ablation }) => ablation),
      charts: [],
      show: showFirst(results, { arm: 'tail', words: 'the acknowledged write is read; the tail is gone' }),
    };
  },
};
