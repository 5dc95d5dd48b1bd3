/**
 * The red tests of leases (thesis 6.4.1): each mutant is caught by what clients saw, a stale read and nothing else, and on the very
 * same stories and schedules the correct node does nothing wrong. A leader that may have been deposed is asked by a witness.
 */
import { describe, expect, test } from 'vitest';
import { msToNs } from '../../src/base/time.ts';
import { TestCluster, type TestClient } from './cluster.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';
import { drawSchedule } from './schedules.ts';

/** What a story ends with: the answer of the old leader, and the verdict over everything that was asked. */
interface Ending {
  readonly read: string;
  readonly classes: readonly string[];
  readonly broken: readonly unknown[];
}

type Story = (it: TestCluster, old: string, witness: TestClient) => void;

/** A leader that has answered a write, the story of how it is deposed, and a read that it is asked afterwards. */
function told(mutant: string | null, electionTimeoutMaxMs: number, seed: string, story: Story): Ending {
  const core = { electionTimeoutMaxNs: msToNs(electionTimeoutMaxMs) };
  const it = new TestCluster({ mutant, core, reads: 'lease', seed }).start();
  const old = it.awaitLeader();
  expect(it.client(old).write('x', 1).kind).toBe('ok');
  const witness = it.client(old, { pinned: true });
  expect(witness.read('x')).toMatchObject({ kind: 'ok', output: 1 });
  story(it, old, witness);
  const answers = it.load.lines.filter(({ process, type }) => process === 1 && type !== 'invoke');
  const { anomalies } = judge(it.load.lines);
  expect(it.simulation.failures).toEqual([]);
  return {
    read: answers.at(-1)!.type,
    classes: anomalies.map((anomaly) => anomaly.class),
    broken: it.invariants.broken,
  };
}

/** Another node leads and takes a write. */
function succeeded(it: TestCluster, old: string): void {
  const next = it.awaitLeader([old]);
  expect(it.client(next).write('x', 3).kind).toBe('ok');
}

/** The acknowledgements lie in the buffers of a leader that sleeps, and are counted when it wakes up. */
const lateAcknowledgements: Story = (it, old, witness) => {
  const { simulation } = it;
  const before = it.probes.length;
  it.client(old).begin({ f: 'write', key: 'x', value: 2 });
  it.until('the write to be on its way', () =>
    it.probes.slice(before).some((probe) => probe.node === old && probe.kind === 'append'),
  );
  simulation.pause(old);
  simulation.runFor(110);
  simulation.isolate([old]);
  simulation.resume(old, 'input-first');
  succeeded(it, old);
  witness.read('x');
};

/** A leader is cut off, and asked when another one has been elected. */
const cutOff: Story = (it, old, witness) => {
  it.simulation.isolate([old]);
  succeeded(it, old);
  witness.read('x');
};

/** A leader that hears nothing hands its leadership over. */
const handedOver: Story = (it, old, witness) => {
  const { simulation } = it;
  const others = it.followers(old);
  it.until('everyone to be level', () =>
    others.every((id) => simulation.node(id).status()!.lastIndex === simulation.node(old).status()!.lastIndex),
  );
  simulation.runFor(50);
  for (const other of others) simulation.cut(other, old);
  simulation.transferLeadership(old, others[0]!);
  succeeded(it, old);
  witness.read('x');
};

/** A leader sleeps, and the read is in its buffers when it wakes up: what arrived is handled before its timers. */
const slept: Story = (it, old, witness) => {
  const { simulation } = it;
  simulation.isolate([old]);
  simulation.pause(old);
  succeeded(it, old);
  simulation.runFor(1);
  const answer = witness.begin({ f: 'read', key: 'x', value: null });
  simulation.runFor(5);
  simulation.resume(old, 'input-first');
  it.until('an answer', () => answer() !== undefined);
};

/** Each with the longest election timeout: where it is hardly longer than the shortest one, the successor comes soon. */
const STORIES: readonly (readonly [mutant: string, name: string, maxMs: number, story: Story])[] = [
  ['M34', 'lease-from-receipt', 155, lateAcknowledgements],
  ['M35', 'lease-clock-skew', 300, cutOff],
  ['M36', 'lease-across-transfer', 300, handedOver],
  ['M37', 'lease-stale-clock', 300, slept],
];

describe.each(STORIES)('%s %s', (mutant, _, maxMs, story) => {
  const endings = (id: string | null): Ending[] =>
    Array.from({ length: 8 }, (__, nth) => told(id, maxMs, `lease ${nth}`, story));

  test('is caught: a stale read in the history, though no invariant of the log is broken', () => {
    const caught = endings(mutant).filter(({ read, classes }) => read === 'ok' && classes.includes('stale-read'));
    expect(caught.length).toBeGreaterThan(0);
    for (const { broken } of caught) expect(broken).toEqual([]);
  });

  test('the correct node does not answer from an old state there', () => {
    for (const ending of endings(null)) expect(ending).toMatchObject({ classes: [], broken: [] });
  });
});

test('drawn schedules with lease reads, clocks within the drift and transfers: nothing goes wrong on the correct node', () => {
  let answered = 0;
  for (let nth = 0; nth < 60; nth++) {
    const seed = `lease-${nth}`;
    const { lines, broken, failures, recovered } = play(drawSchedule(seed, { reads: 'lease' }));
    const verdict = judge(lines);
    const replay = `replay: npx tsx test/sim/soak.ts --reads lease --only ${seed}`;
    expect({ broken, failures, recovered, verdict: verdict.kind }, replay).toEqual({
      broken: [],
      failures: [],
      recovered: true,
      verdict: 'ok',
    });
    answered += lines.filter(({ type, f }) => type === 'ok' && f === 'read').length;
  }
  expect(answered).toBeGreaterThan(20 * 60);
});
