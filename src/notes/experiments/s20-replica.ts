/** The stories of S20: a replica that lags, and who asks it when. */
import { promises, readJsonl, type PromiseName } from '../../../checker/index.ts';
import { findWorkload } from '../../../workloads/index.ts';
import { anomaliesOf, recordStory, type Facts, type Recording, type Scene, type Story } from '../recording.ts';
import type { Arm } from '../experiment.ts';
import { seen } from '../stage.ts';
import { EVEN_LINK, REAL_ELECTION_TIMEOUT_MS } from './scenes.ts';

/** Those that the card tells of, from the strongest down. */
export const PROMISES: readonly PromiseName[] = [
  'linearizability',
  'sequential-consistency',
  'read-your-writes',
  'monotonic-reads',
];

const SCENE: Scene = {
  nodes: 3,
  reads: 'local',
  electionTimeoutMs: [150, 300],
  world: { heartbeatMs: 30, peerLink: EVEN_LINK, clientLink: EVEN_LINK, syncMs: [0.2, 0.5] },
};

/** Until everybody has applied what was written: a replica that is asked shows it. */
const SETTLE_MS = 120;

/** One writes, another one reads at a follower that is cut off. */
export const writersApart: Story = async (stage) => {
  const leader = await stage.leader();
  const [replica] = stage.others(leader) as [string];
  const writer = stage.actor(leader);
  const reader = stage.actor(replica, { pinned: true, timeoutMs: 1500 });
  await writer.put('x', 1);
  await stage.sleep(SETTLE_MS);
  await reader.read('x');
  const heal = await stage.isolate(replica);
  await writer.put('x', 2);
  // Long enough for anybody to see that the read came after.
  await stage.sleep(SETTLE_MS);
  const read = reader.begin({ f: 'read', key: 'x', value: null });
  const value = seen(await read.answered);
  await heal();
  // The replica hears of it, and says so.
  await stage.sleep(2 * SETTLE_MS);
  await reader.read('x');
  return { at: read.id, old: value === 1 ? 'yes' : 'no' };
};

/** The reader writes through the leader, and then reads at the follower that is cut off. */
export const ownWrite: Story = async (stage) => {
  const leader = await stage.leader();
  const [replica] = stage.others(leader) as [string];
  const client = stage.actor(leader);
  await client.put('x', 1);
  await stage.sleep(SETTLE_MS);
  await stage.isolate(replica);
  await client.put('x', 2);
  const read = client.begin({ f: 'read', key: 'x', value: null }, { at: replica, pinned: true });
  const value = seen(await read.answered);
  return { at: read.id, old: value === 1 ? 'yes' : 'no' };
};

/** A replica that starts again has its log, and does not know any more how far that was committed. */
export const restarted: Story = async (stage) => {
  const leader = await stage.leader();
  const [replica] = stage.others(leader) as [string];
  await stage.actor(leader).put('x', 1);
  await stage.sleep(SETTLE_MS);
  const reader = stage.actor(replica, { pinned: true, timeoutMs: 1000 });
  await reader.read('x');
  await stage.isolate(replica);
  await (
    await stage.kill(replica)
  )();
  const again = stage.actor(replica, { pinned: true });
  // Up again.
  await again.read('x');
  const read = reader.begin({ f: 'read', key: 'x', value: null });
  const value = seen(await read.answered);
  return { at: read.id, old: value === null ? 'yes' : 'no' };
};

/** The leader's messages take long: its write is under way while a follower is asked. */
export const overlapping: Story = async (stage) => {
  const leader = await stage.leader();
  const others = stage.others(leader);
  const writer = stage.actor(leader, { attemptTimeoutMs: 2000 });
  const reader = stage.actor(others[0]!, { pinned: true });
  await writer.put('x', 1);
  await stage.sleep(SETTLE_MS);
  await reader.read('x');
  const quick = await stage.slow(60, ...others.map((to) => ({ from: leader, to })));
  const write = writer.begin({ f: 'write', key: 'x', value: 2 });
  await stage.sleep(30);
  const read = reader.begin({ f: 'read', key: 'x', value: null });
  const value = seen(await read.answered);
  const underWay = write.completion() === undefined;
  await write.answered;
  await quick();
  await stage.sleep(2 * SETTLE_MS);
  await reader.read('x');
  return { at: read.id, old: value === 1 && underWay ? 'yes' : 'no' };
};

/** Whether the recording keeps each promise; and why not, of the first that it breaks besides linearizability. */
function judged(recording: Recording): Facts {
  const text = recording.history.map((line) => `${JSON.stringify(line)}\n`).join('');
  const linearizable = anomaliesOf(recording).length === 0 ? 'ok' : 'violation';
  const { guarantees } = promises(
    readJsonl(text, 'story', { clients: recording.plan.clients }),
    findWorkload('register').model,
    { linearizable },
  );
  const kept = { holds: 'kept', violated: 'broken', 'not-decided': 'not decided' } as const;
  const facts = Object.fromEntries(
    PROMISES.map((name) => [name, kept[guarantees.find((it) => it.name === name)?.verdict ?? 'not-decided']]),
  );
  const broken = guarantees.find((it) => it.name !== 'linearizability' && it.verdict === 'violated');
  return { ...facts, because: broken?.witness?.sentence ?? broken?.reason ?? null };
}

const withJudgement = (recording: Recording): Recording => ({
  ...recording,
  facts: { ...recording.facts, ...judged(recording) },
});

export function replicaArm(story: Story, about: string): Arm {
  return {
    runs: { quick: 20, full: 100 },
    play: {
      world: 'simulator',
      record: async ({ seed, mutant }) =>
        withJudgement(await recordStory({ scene: SCENE, story, seed, mutant, about })),
    },
  };
}

const real = (reads: string): Arm => ({
  runs: { quick: 1, full: 5 },
  play: {
    world: 'processes',
    scene: { ...SCENE, reads, electionTimeoutMs: REAL_ELECTION_TIMEOUT_MS },
    story: writersApart,
    about: `A replica that is cut off is asked by "${reads}".`,
    judge: judged,
  },
});

export const realLocal: Arm = real('local');
export const realReadIndex: Arm = real('read-index');
