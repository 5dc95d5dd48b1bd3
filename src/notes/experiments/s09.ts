/** S09: a leader that fails by halves: it sleeps, it can send but not hear, or its disk is slow. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  isWrong,
  median,
  ms,
  numbers,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Scene, Story } from '../recording.ts';
import { seen, type Actor, type Stage } from '../stage.ts';
import { EVEN_LINK, lastRead, told } from './scenes.ts';

const LASTS_MS = 2000;

/** From now until a write is acknowledged, at most as long as the fault lasts. */
async function outage(stage: Stage, writer: Actor): Promise<number> {
  const beganMs = stage.nowMs;
  while (stage.nowMs - beganMs < LASTS_MS) if ((await writer.write('x', stage.history.length)).kind === 'ok') break;
  return stage.nowMs - beganMs;
}

/** What lies in its buffers is answered first when a leader wakes up: a read of the value that was there before it slept. */
const asleep: Story = async (stage) => {
  const old = await stage.leader();
  const [other] = stage.others(old) as [string];
  const writer = stage.actor(other, { attemptTimeoutMs: 60, timeoutMs: 500 });
  await writer.put('x', 0);
  // Its clients reach it sooner than its successor does.
  await stage.slow(800, ...stage.others(old).map((from) => ({ from, to: old })));
  const wake = await stage.pause(old);
  const outageMs = await outage(stage, writer);
  const read = stage
    .actor(old, { pinned: true, attemptTimeoutMs: 3000, timeoutMs: 3000 })
    .begin({ f: 'read', key: 'x', value: null });
  await stage.sleep(20);
  await wake();
  const value = seen(await read.answered);
  const last = await lastRead(stage, writer);
  return { ...last, outageMs, answered: value !== undefined, early: read.id };
};

/** Nothing comes in, and heartbeats go out. */
const deaf: Story = async (stage) => {
  const old = await stage.leader();
  const others = stage.others(old);
  const writer = stage.actor(others[0]!, { attemptTimeoutMs: 60, timeoutMs: 500 });
  await writer.put('x', 0);
  await stage.cut(...others.map((from) => ({ from, to: old })));
  const outageMs = await outage(stage, writer);
  const last = await lastRead(stage, writer);
  return { ...last, outageMs };
};

const slowDisk: Story = async (stage) => {
  const old = await stage.leader();
  const writer = stage.actor(old, { attemptTimeoutMs: 1000, timeoutMs: 2000 });
  await writer.put('x', 0);
  await stage.slowDisk(old, 150);
  const outageMs = await outage(stage, writer);
  const last = await lastRead(stage, writer);
  return { ...last, outageMs };
};

function scene(checkQuorum: boolean): Scene {
  return {
    nodes: 3,
    electionTimeoutMs: [150, 300],
    world: {
      checkQuorum,
      preVote: true,
      heartbeatMs: 30,
      peerLink: EVEN_LINK,
      clientLink: EVEN_LINK,
      syncMs: [0.2, 0.5],
    },
  };
}

const runs = { quick: 40, full: 240 } as const;

export const s09: Experiment = {
  id: 'S09',
  lines: '27',
  note: 'What about a leader that fails partially?',
  form: 'question',
  status: 'answered',
  decisive: 'M30',
  arms: {
    asleep: told({
      scene: scene(true),
      story: asleep,
      about: 'A leader sleeps and wakes up with a read in its buffers.',
      ...runs,
    }),
    deaf: told({ scene: scene(true), story: deaf, about: 'A leader can send and not hear.', ...runs }),
    'deaf without CheckQuorum': told({
      scene: scene(false),
      story: deaf,
      about: 'As before, without CheckQuorum.',
      ...runs,
    }),
    'slow disk': told({ scene: scene(true), story: slowDisk, about: "A leader's disk is slow.", ...runs }),
    unconfirmed: told({
      scene: scene(true),
      story: asleep,
      about: 'A leader sleeps, and answers reads without asking.',
      mutant: 'M30',
      ...runs,
    }),
  },
  conclude: (results) => {
    const kinds = ['asleep', 'deaf', 'slow disk'] as const;
    const all = [...kinds, 'deaf without CheckQuorum'].flatMap((name) => results[name]!);
    const outageOf = (name: string): number => median(numbers(results[name]!, 'outageMs'));
    const worst = Math.max(...kinds.flatMap((name) => numbers(results[name]!, 'outageMs')));
    const { ablation, claims } = ablate(results, {
      rule: 'a leader asks a majority before it answers a read',
      mutant: 'M30',
      counted: 'runs with an incorrect read when the leader woke up',
      with: 'asleep',
      without: 'unconfirmed',
      is: isViolation,
    });
    return {
      answer:
        'It is safe whatever half of it fails, and it costs an election at most, provided that a leader steps down when it hears no majority.',
      explanation:
        'A sleeping leader is replaced like a dead one. One that can send and not hear is worse: its heartbeats keep the others from electing anybody, and it commits nothing. CheckQuorum (thesis 6.2) has it step down. A slow disk of the leader alone holds up little, since its own copy need not be among the majority.',
      claims: [
        ...[...kinds, 'deaf without CheckQuorum'].map((name) => toldClaim(name, results[name]!)),
        claim(
          'nothing that was promised broke',
          count(all, isWrong).hits === 0,
          `${count(all, isWrong).hits} of ${all.length}`,
        ),
        claim('writes go on while the fault lasts, within a second and a half', worst < 1500, `${ms(worst)} at most`),
        claim(
          'without CheckQuorum a deaf leader stops the cluster as long as it is deaf',
          numbers(results['deaf without CheckQuorum']!, 'outageMs').every((it) => it >= LASTS_MS),
          ms(outageOf('deaf without CheckQuorum')),
        ),
        ...claims,
      ],
      figures: [
        countFigure(count(all, isWrong), 'runs lost or broke anything', 'good'),
        { value: ms(outageOf('asleep')), label: 'without writes when the leader sleeps, median' },
        {
          value: `${ms(outageOf('deaf'))} : ${ms(outageOf('deaf without CheckQuorum'))}`,
          label: 'when it can send and not hear, with CheckQuorum and without (for as long as it lasts)',
        },
        { value: ms(outageOf('slow disk')), label: 'when every fsync of its disk takes 150 ms longer' },
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, { arm: 'deaf', words: 'the newest write is read after the leader was deaf for a while' }),
        ...showFirst(results, {
          arm: 'unconfirmed',
          fact: 'early',
          is: isViolation,
          words: 'a leader that woke up answers an old value',
        }),
      ],
    };
  },
};
