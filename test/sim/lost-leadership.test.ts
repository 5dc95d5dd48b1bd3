/**
 * Who waits for a leader that is deposed is told at once (raft.md): a command may still take effect, and is answered `unknown`; a read
 * was not answered, and is refused. Nobody has to wait for his own timeout.
 */
import { expect, test } from 'vitest';
import { NS_PER_MS } from '../../src/base/time.ts';
import type { HistoryLine } from '../../src/contract/index.ts';
import { TestCluster } from './cluster.ts';

/** The way to a client, of at most a millisecond; and whoever is pinned to a node pauses before it gives up, for at most 20 ms. */
const SOON_MS = 21.1;
const FOREVER_MS = 60_000;

/** A leader that is cut off with a command and a read open; `end` deposes it. Gives both answers, and how long after the loss they came. */
function deposed(checkQuorum: boolean, end: (it: TestCluster, old: string) => void) {
  const it = new TestCluster({ core: { checkQuorum } }).start();
  const old = it.awaitLeader();
  const options = { pinned: true, attemptTimeoutMs: FOREVER_MS };
  const [writer, reader] = [it.client(old, options), it.client(old, options)];
  expect([writer.write('x', 1).kind, reader.read('x').kind]).toEqual(['ok', 'ok']);
  it.simulation.isolate([old]);
  const answers = [
    writer.begin({ f: 'write', key: 'x', value: 2 }),
    reader.begin({ f: 'read', key: 'x', value: null }),
  ];
  it.simulation.runFor(5);
  const from = it.probes.length;
  end(it, old);
  it.until('the answers', () => answers.every((answer) => answer() !== undefined));
  const lost = it.probes.slice(from).find((probe) => probe.node === old && probe.kind === 'role');
  const msAfter = (process: number): number => {
    const line = it.load.lines.findLast((each: HistoryLine) => each.process === process);
    return (line!.time - lost!.time) / NS_PER_MS;
  };
  return { write: answers[0]!(), read: answers[1]!(), writeMs: msAfter(0), readMs: msAfter(1) };
}

test.each([
  [
    'by a later term',
    false,
    (it: TestCluster, old: string) => {
      it.awaitLeader([old]);
      it.simulation.healAll();
    },
  ],
  ['because no majority answers it any more', true, () => {}],
] as const)('a leader that is deposed %s answers who waits within a round trip', (_, checkQuorum, end) => {
  const { write, read, writeMs, readMs } = deposed(checkQuorum, end);
  expect(write).toMatchObject({ kind: 'unknown', error: 'lost-leadership' });
  expect(writeMs).toBeGreaterThan(0);
  expect(writeMs).toBeLessThan(SOON_MS);
  expect(read).toMatchObject({ kind: 'fail', error: 'not-leader' });
  expect(readMs).toBeLessThan(SOON_MS);
});
