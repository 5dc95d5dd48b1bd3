/**
 * The red tests of what clients are answered: too early, twice, or wrongly "failed", and by whom. Each mutant is caught by the history
 * alone, and in the very same stories the correct node does nothing wrong.
 */
import { describe, expect, test } from 'vitest';
import { TestCluster } from './cluster.ts';
import { judge } from './judge.ts';

/** Gives what the client was told that the story is about. */
type Story = (it: TestCluster, old: string) => unknown;

interface Ending {
  readonly told: unknown;
  readonly classes: readonly string[];
}

/** A cluster whose leader has answered a write of 1 to x, the story that follows, and a read of x in the end. */
function tell(mutant: string | null, story: Story): Ending {
  const it = new TestCluster({ mutant }).start();
  const old = it.awaitLeader();
  expect(it.client(old).write('x', 1).kind).toBe('ok');
  const answer = story(it, old);
  expect(it.client(it.awaitLeader([old])).read('x').kind).toBe('ok');
  expect(it.simulation.failures).toEqual([]);
  return { told: answer, classes: judge(it.load.lines).anomalies.map((anomaly) => anomaly.class) };
}

/** A leader that nobody hears any more takes a write. */
const writeUnheard: Story = (it, old) => {
  const client = it.client(old, { pinned: true });
  expect(client.write('y', 1).kind).toBe('ok');
  it.simulation.isolate([old]);
  const answer = client.write('x', 2).kind;
  return answer;
};

/**
 * A write is committed and its answer lost, with the leader. Somebody reads it and writes over it; then the client, which has waited
 * for long, asks the next leader for the same write.
 */
const writeAgain: Story = (it, old) => {
  const { simulation } = it;
  const client = it.client(old, { attemptTimeoutMs: 1200 });
  expect(client.write('y', 1).kind).toBe('ok');
  simulation.cut(old, 'client1');
  const entry = simulation.node(old).status()!.lastIndex + 1;
  const write = client.begin({ f: 'write', key: 'x', value: 2 });
  it.until('the write to be committed everywhere', () =>
    it.ids.every((id) => simulation.node(id).status()!.commitIndex >= entry),
  );
  simulation.crash(old);
  const other = it.client(it.awaitLeader([old]));
  expect(other.read('x')).toMatchObject({ kind: 'ok', output: 2 });
  expect(other.write('x', 3).kind).toBe('ok');
  expect(write()).toBeUndefined();
  it.until('an answer', () => write() !== undefined);
  return write()!.kind;
};

/** A leader that hears nobody sends a write to the others and steps down. */
const writeAndStepDown: Story = (it, old) => {
  const { simulation } = it;
  const client = it.client(old, { pinned: true, attemptTimeoutMs: 1000 });
  expect(client.write('y', 1).kind).toBe('ok');
  for (const other of it.followers(old)) simulation.cut(other, old);
  const write = client.write('x', 2).kind;
  simulation.healAll();
  simulation.crash(old);
  return write;
};

/** The leader dies. */
const die: Story = (it, old) => {
  it.simulation.crash(old);
};

/** Each with the class of what is wrong, and what the story's client is told by the mutant and by the correct node. */
const STORIES: readonly (readonly [
  mutant: string,
  name: string,
  story: Story,
  anomaly: string,
  wrong: string | undefined,
  right: string | undefined,
])[] = [
  ['M38', 'ack-on-append', writeUnheard, 'stale-read', 'ok', 'unknown'],
  ['M42', 'sessions-leader-only', writeAgain, 'stale-read', 'ok', 'ok'],
  ['M43', 'unknown-as-fail', writeAndStepDown, 'failed-write-read', 'fail', 'unknown'],
  ['M46', 'apply-leader-only', die, 'stale-read', undefined, undefined],
];

describe.each(STORIES)('%s %s', (mutant, _, story, anomaly, wrong, right) => {
  test('is caught by what clients saw', () => {
    const ending = tell(mutant, story);
    expect(ending.told).toBe(wrong);
    expect(ending.classes).toContain(anomaly);
  });

  test('the correct node does nothing wrong there', () => {
    expect(tell(null, story)).toEqual({ told: right, classes: [] });
  });
});
