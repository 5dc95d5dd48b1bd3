/** S13: nextIndex is a guess. It is lost with every heartbeat here, and drawn anew. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isWrong,
  median,
  numbers,
  showFirst,
  toldClaim,
  type Arm,
  type Experiment,
} from '../experiment.ts';
import type { Scene, Story } from '../recording.ts';
import { barScene, lastIndex, lastRead, settled, told } from './scenes.ts';

const WRITES = 60;

/** A follower comes back after it missed some writes, and another one with a tail of its own. */
const manyWrites: Story = async (stage) => {
  const old = await stage.leader();
  const writer = stage.actor(old);
  await writer.put('x', 0);
  await settled(stage, old);
  const before = lastIndex(stage, old);
  const heal = await stage.isolate(old);
  for (let value = 1; value <= 3; value++)
    stage.actor(old, { pinned: true, timeoutMs: 200 }).begin({ f: 'write', key: 'x', value });
  await stage.until('the tail', () => lastIndex(stage, old) >= before + 3);
  const next = await stage.leaderAfter(stage.term(old));
  const other = stage.actor(next, { timeoutMs: 4000 });
  await other.put('x', 10);
  await heal();
  const beganMs = stage.nowMs;
  for (let value = 0; value < WRITES; value++) await other.put('x', 100 + value);
  const perWriteMs = (stage.nowMs - beganMs) / WRITES;
  const read = await lastRead(stage, other);
  await settled(stage, stage.leaderNow()!);
  return { ...read, perWriteMs };
};

const scene = (losesTrack: boolean): Scene => barScene([2, 1, 0.8], { world: { losesTrack, heartbeatMs: 10 } });

const arm = (losesTrack: boolean, mutant?: string): Arm =>
  told({
    scene: scene(losesTrack),
    story: manyWrites,
    about: losesTrack ? 'A leader forgets nextIndex with every heartbeat.' : 'A leader knows nextIndex.',
    quick: 40,
    full: 240,
    ...(mutant !== undefined && { mutant }),
  });

export const s13: Experiment = {
  id: 'S13',
  lines: '45',
  note: 'nextIndex is the next place in the log of a follower to which the leader appends.',
  form: 'statement',
  status: 'correction',
  decisive: 'M14',
  arms: { known: arm(false), lost: arm(true), 'lost, and nobody checks': arm(true, 'M14') },
  conclude: (results) => {
    const known = results['known']!;
    const lost = results['lost']!;
    const { ablation, claims } = ablate(results, {
      rule: 'entries are taken where the one before them agrees',
      mutant: 'M14',
      counted: 'runs that went wrong when nextIndex was lost',
      with: 'lost',
      without: 'lost, and nobody checks',
      is: isWrong,
    });
    const knownMs = median(numbers(known, 'perWriteMs'));
    const lostMs = median(numbers(lost, 'perWriteMs'));
    return {
      answer: 'It is a hint, and no more: a wrong one costs time and never an entry.',
      explanation:
        'The follower checks the entry before, and refuses where it does not agree; the leader then looks further back. So it may be forgotten, as every new leader does, or even be drawn by lot.',
      claims: [
        toldClaim('known', known),
        toldClaim('lost', lost),
        claim(
          'nothing broke when it was drawn by lot',
          count(lost, isWrong).hits === 0,
          `${count(lost, isWrong).hits} of ${lost.length}`,
        ),
        ...claims,
      ],
      figures: [
        countFigure(count(lost, isWrong), 'runs went wrong with nextIndex drawn by lot at every heartbeat', 'good'),
        {
          value: `${knownMs.toFixed(1)} : ${lostMs.toFixed(1)} ms`,
          label: 'for a write, with nextIndex known and drawn by lot, median',
        },
      ],
      ablations: [ablation],
      charts: [],
      show: showFirst(results, { arm: 'lost', words: `the last of ${WRITES} writes is read, nextIndex drawn by lot` }),
    };
  },
};
