/**
 * The red tests of reads that are answered too early or from too much: each mutant is caught by what clients saw, though no invariant
 * of the log is broken, and in the very same stories the correct node does nothing wrong.
 */
import { describe, expect, test } from 'vitest';
import { TestCluster, type TestClusterOptions } from './cluster.ts';
import { judge } from './judge.ts';
import { isLevel } from './stories.ts';

/** Gives what the one read came to that the story is about. */
type Story = (it: TestCluster, old: string) => unknown;

interface Ending {
  readonly read: unknown;
  readonly classes: readonly string[];
  readonly broken: readonly unknown[];
}

/** A cluster whose leader has answered a write of 1 to x, and the story that follows. */
function told(mutant: string | null, options: Partial<TestClusterOptions>, story: Story): Ending {
  const it = new TestCluster({ ...options, mutant }).start();
  const old = it.awaitLeader();
  expect(it.client(old).write('x', 1).kind).toBe('ok');
  const read = story(it, old);
  expect(it.simulation.failures).toEqual([]);
  const { anomalies } = judge(it.load.lines);
  return { read, classes: anomalies.map((anomaly) => anomaly.class), broken: it.invariants.broken };
}

/** A follower hears nothing more, and is asked. */
const askForgotten: Story = (it, old) => {
  const forgotten = it.followers(old)[0]!;
  const witness = it.client(forgotten, { pinned: true });
  it.until('it to be level', () => isLevel(it, forgotten, old));
  it.simulation.isolate([forgotten]);
  expect(it.client(old).write('x', 2).kind).toBe('ok');
  return witness.read('x');
};

/** A leader sleeps with the acknowledgements of its last round counted; a read lies in its buffers when it wakes up deposed. */
const sleep: Story = (it, old) => {
  const { simulation } = it;
  const witness = it.client(old, { pinned: true });
  expect(witness.read('x')).toMatchObject({ kind: 'ok', output: 1 });
  simulation.isolate([old]);
  simulation.pause(old);
  expect(it.client(it.awaitLeader([old])).write('x', 2).kind).toBe('ok');
  simulation.runFor(1);
  const answer = witness.begin({ f: 'read', key: 'x', value: null });
  simulation.runFor(5);
  simulation.resume(old, 'input-first');
  it.until('an answer', () => answer() !== undefined);
  return answer();
};

/** A new leader is asked before it has committed anything, and does not know that the last write of the old one is committed. */
const askAtOnce: Story = (it, old) => {
  const { simulation } = it;
  const others = it.followers(old);
  const witnesses = others.map((id) => [id, it.client(id, { pinned: true })] as const);
  for (const [, witness] of witnesses) expect(witness.read('x').kind).toBe('fail');
  const entry = simulation.node(old).status()!.lastIndex + 1;
  const write = it.client(old).begin({ f: 'write', key: 'x', value: 2 });
  const hasIt = (id: string): boolean => simulation.node(id).status()!.lastIndex > entry;
  it.until('both followers to have the write', () => others.every(hasIt));
  for (const other of others) simulation.cut(old, other);
  it.until('an answer to it', () => write()?.kind === 'ok');
  simulation.crash(old);
  const leads = ([id]: readonly [string, unknown]): boolean => simulation.node(id).status()?.role === 'leader';
  it.until('another one to lead', () => witnesses.some(leads));
  return witnesses.find(leads)![1].read('x');
};

/** The window of the followers is full, so that a write stands in the leader's log alone; it is read, and the leader dies. */
const readBeforeCrash: Story = (it, old) => {
  const { simulation } = it;
  const [first, second, reader] = [it.client(old), it.client(old), it.client(old)];
  for (const client of [first, second]) expect(client.write('y', 0).kind).toBe('ok');
  first.begin({ f: 'write', key: 'y', value: 1 });
  simulation.runFor(2);
  second.begin({ f: 'write', key: 'x', value: 2 });
  simulation.runFor(2);
  const read = reader.read('x');
  simulation.crash(old);
  it.client(it.awaitLeader([old])).read('x');
  return read;
};

const ONE_AT_A_TIME = { maxInFlight: 1, maxEntriesPerMessage: 1 };

/** Each with the answer that shows it, and with what the correct node answers. */
const STORIES: readonly (readonly [
  mutant: string,
  name: string,
  options: Partial<TestClusterOptions>,
  story: Story,
  wrong: number,
  right: object,
])[] = [
  ['M29', 'follower-local', {}, askForgotten, 1, { kind: 'fail' }],
  ['M32a', 'readindex-old-acks', {}, sleep, 1, { kind: 'fail' }],
  ['M32b', 'readindex-reused-id', {}, sleep, 1, { kind: 'fail' }],
  ['M33', 'readindex-no-apply-wait', { syncMs: [20, 20] }, askAtOnce, 1, { kind: 'ok', output: 2 }],
  ['M39', 'dirty-read', { syncMs: [40, 40], core: ONE_AT_A_TIME }, readBeforeCrash, 2, { kind: 'ok', output: 1 }],
];

describe.each(STORIES)('%s %s', (mutant, _, options, story, wrong, right) => {
  test('is caught: a stale read in the history, though no invariant of the log is broken', () => {
    const ending = told(mutant, options, story);
    expect(ending).toMatchObject({ read: { kind: 'ok', output: wrong }, broken: [] });
    expect(ending.classes).toContain('stale-read');
  });

  test('the correct node answers nothing wrong there', () => {
    expect(told(null, options, story)).toMatchObject({ read: right, classes: [], broken: [] });
  });
});
