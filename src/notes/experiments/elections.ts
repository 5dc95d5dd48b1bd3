/** Elections without clients: a leader dies, and what it takes until the next one leads. */
import { median, numbers, type Arm } from '../experiment.ts';
import type { Scene, Story, Trial } from '../recording.ts';
import { lastRead, told } from './scenes.ts';

/** Links with a round trip of ten to twenty milliseconds. */
const WIDE_LINK = { kind: 'stream', delayMs: [5, 10], loss: 0, duplication: 0, late: 0, lateMs: 0 } as const;

/** About a round trip. */
export const ROUND_TRIP_MS = 15;

/** Raft as in section 5 of the paper: five servers, no pre-votes. */
export function electionScene(widthMs: number): Scene {
  return {
    nodes: 5,
    electionTimeoutMs: [150, 150 + widthMs],
    world: {
      preVote: false,
      checkQuorum: false,
      heartbeatMs: 40,
      peerLink: WIDE_LINK,
      clientLink: WIDE_LINK,
      syncMs: [0.2, 0.4],
      // n1 leads first, and dies; the clocks of the four that are left go alike.
      clockRates: [1.6],
    },
  };
}

/** How many rounds it takes to elect another leader, and how long. An election that is not over after four seconds has not settled. */
export const leaderDies: Story = async (stage) => {
  const first = await stage.leader();
  const term = stage.term(first);
  // All timers were started by the same heartbeat, give or take the time that it took.
  await stage.sleep(200);
  const diedMs = stage.nowMs;
  await stage.kill(first);
  const settled = await stage.wait(() => stage.leaderNow([], term) !== undefined, 4000);
  const elected = settled
    ? stage.role(stage.leaderNow([], term)!)!.term
    : Math.max(...stage.ids.map((id) => stage.term(id)));
  const tookMs = stage.nowMs - diedMs;
  return { settled, rounds: elected - term, tookMs };
};

/** As that, and then somebody asks: for a run that is shown. */
export const leaderDiesAndReads: Story = async (stage) => {
  const facts = await leaderDies(stage);
  if (facts['settled'] !== true) return facts;
  const read = await lastRead(stage, stage.actor(stage.leaderNow()!));
  return { ...facts, at: read.at };
};

export function sweepArm(widthMs: number, runs: { readonly quick: number; readonly full: number }): Arm {
  return told({
    scene: electionScene(widthMs),
    story: leaderDies,
    about: `A leader dies; election timeouts from 150 to ${150 + widthMs} ms.`,
    ...runs,
  });
}

/** The share of elections that took more than one round. */
export function splitShare(trials: readonly Trial[]): number {
  return trials.filter(({ facts }) => (facts['rounds'] as number) > 1).length / trials.length;
}

export function medianMs(trials: readonly Trial[]): number {
  return median(numbers(trials, 'tookMs'));
}
