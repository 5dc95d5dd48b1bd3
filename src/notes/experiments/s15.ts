/** S15: the leader's commitIndex comes with AppendEntries; a follower believes it as far as it has verified its own log. */
import { ablate, claim, count, countFigure, isWrong, showFirst, toldClaim, type Experiment } from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, both, commitIndex, lastIndex, lastRead } from './scenes.ts';

/** A leader that was cut off has a tail of its own; its successor has committed as many entries when it says so in a heartbeat. */
const tailAndHeartbeat: Story = async (stage) => {
  const old = await stage.leader();
  const writer = stage.actor(old);
  await writer.put('x', 0);
  const heal = await stage.isolate(old);
  const before = lastIndex(stage, old);
  for (let value = 1; value <= 3; value++)
    stage.actor(old, { pinned: true, timeoutMs: 300 }).begin({ f: 'write', key: 'x', value });
  await stage.until('the tail', () => lastIndex(stage, old) >= before + 3);
  const next = await stage.leaderAfter(stage.term(old));
  const other = stage.actor(next);
  for (let value = 11; value <= 16; value++) await other.put('x', value);
  const tail = lastIndex(stage, old);
  const known = commitIndex(stage, next);
  await heal();
  await stage.sleep(200);
  const read = await lastRead(stage, other);
  return { ...read, tail, known };
};

export const s15: Experiment = {
  id: 'S15',
  lines: '49-51',
  note: "The leader's commit index travels with AppendEntries, so that followers know how far the log is committed.",
  form: 'statement',
  status: 'correction',
  decisive: 'M16',
  arms: both({
    scene: barScene([2, 1, 0.8]),
    story: tailAndHeartbeat,
    about: 'A follower with a tail of its own hears how far its new leader has committed.',
    quick: 60,
    full: 240,
    mutants: { 'committed as far as its own log goes': 'M16' },
  }),
  conclude: (results) => {
    const correct = results['correct']!;
    const without = 'committed as far as its own log goes';
    const { ablation, claims } = ablate(results, {
      rule: 'a follower commits no further than the last entry that it verified against its leader',
      mutant: 'M16',
      counted: 'runs in which a follower applied entries that were never committed',
      with: 'correct',
      without,
      is: isWrong,
    });
    const covered = count(correct, ({ facts }) => (facts['known'] as number) > (facts['tail'] as number) - 3);
    return {
      answer:
        'Yes, with one condition: the follower takes the smaller of it and the last entry that this message verified.',
      explanation:
        'A heartbeat can say "committed up to 9" to a server whose entries 7 to 9 are from a leader that was deposed. Index 9 of the leader is not its own index 9 until the previous-entry check has said so.',
      claims: [
        toldClaim('correct', correct),
        claim(
          'the commit index that was told reached into the unverified tail',
          covered.hits === covered.of,
          `${covered.hits} of ${covered.of}`,
        ),
        ...claims,
      ],
      figures: [
        countFigure(count(correct, isWrong), 'runs applied an entry that was never committed', 'good'),
        countFigure(count(results[without]!, isWrong), 'when a follower commits as far as its own log goes', 'bad'),
      ],
      ablations: [ablation],
      charts: [],
      show: showFirst(results, { arm: 'correct', words: 'the newest write is read; the tail is gone' }),
    };
  },
};
