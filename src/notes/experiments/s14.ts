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
  shown,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, hinted, lastIndex, lastRead, settled, told } from './scenes.ts';

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

/** Longer than it takes to lose the leadership and to win it again. */
const LATE_MS = 1000;

/**
 * A leader and one follower share a tail, and the acknowledgement of it is under way for long. Meanwhile a successor overwrites the tail, and
 * the first leader leads again: what arrives then speaks of a log that is gone.
 */
const answerOfAnEarlierTerm: Story = async (stage) => {
  const old = await stage.leader();
  const [holder] = stage.others(old) as [string];
  await stage.actor(old).put('x', 0);
  await settled(stage, old);
  const before = lastIndex(stage, old);
  const term = stage.term(old);
  await stage.slow(LATE_MS, { from: holder, to: old });
  const sentMs = stage.nowMs;
  const heal = await stage.isolate(old, holder);
  for (let value = 1; value <= 2; value++)
    stage.actor(old, { pinned: true, timeoutMs: 100 }).begin({ f: 'write', key: 'x', value });
  await stage.until('the tail', () => lastIndex(stage, holder) === before + 2);
  const next = await stage.leaderAfter(term);
  const termOfNext = stage.term(next);
  await heal();
  const isOverwritten = (id: string): boolean =>
    stage.probes.some((it) => it.kind === 'append' && it.node === id && it.entryTerm === termOfNext);
  await stage.until('both tails to be overwritten', () => [old, holder].every(isOverwritten));
  await stage.cut({ from: old, to: holder });
  await stage.isolate(next);
  await stage.leaderAfter(termOfNext);
  const leadsAgain = stage.leaderNow() === old;
  const writer = stage.actor(old, { pinned: true });
  for (let value = 10; value < 14; value++) await writer.put('x', value);
  const isLate = stage.nowMs < sentMs + LATE_MS;
  await stage.sleep(sentMs + LATE_MS + 50 - stage.nowMs);
  return { ...(await lastRead(stage, writer)), met: leadsAgain && isLate };
};

const EARLIER_TERM = {
  scene: barScene([2, 0.4, 0.8, 0.8, 0.8]),
  story: answerOfAnEarlierTerm,
  about: 'An acknowledgement arrives when its leader has lost the leadership and won it again.',
  quick: 40,
  full: 240,
} as const;

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
    'earlier term': told(EARLIER_TERM),
    'earlier term counted': told({ ...EARLIER_TERM, mutant: 'M19' }),
  },
  conclude: (results) => {
    const correct = [...results['late']!, ...results['tail']!, ...results['earlier term']!];
    const met = count(results['earlier term']!, ({ facts }) => facts['met'] === true);
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
      {
        rule: 'what was acknowledged in an earlier term does not count in this one',
        mutant: 'M19',
        counted: 'runs in which a leader counted an entry that its follower has not got',
        with: 'earlier term',
        without: 'earlier term counted',
      },
    ].map((it) => ablate(results, { ...it, is: isWrong }));
    return {
      answer:
        'Yes, and safety rests on it: it begins at nought in every term, only grows, and covers only what the follower has verified against this leader.',
      explanation:
        'Unlike nextIndex it is no guess. A leader counts it when it looks for a majority, so an acknowledgement of entries that are not the same would commit what is not there.',
      claims: [
        toldClaim('tail', results['tail']!),
        toldClaim('earlier term', results['earlier term']!),
        claim('an acknowledgement came when its leader led again, in most runs', met.hits > met.of / 2, shown(met)),
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
