/** What a real node does with bytes that no honest caller sends; `npm run fuzz:frames` sends many more. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { Client } from '../../src/contract/index.ts';
import { dial } from '../../src/sockets/frame-socket.ts';
import type { Hello } from '../../src/wire/hello.ts';
import { assault } from '../fuzz/assault.ts';
import { oneClusterEach } from './one-cluster.ts';

const it = oneClusterEach('home', { electionTimeoutMs: [500, 1000] });

const clientOf = (entry: string): Client =>
  it.cluster.connect({
    name: entry,
    entry,
    pinned: false,
    reads: 'read-index',
    attemptTimeoutMs: 300,
    seed: 'hostile',
  });

/** Why the node at `n1` ended the connection that began with this hello. */
function reasonFor(hello: Hello): Promise<string> {
  return new Promise((resolve, reject) => {
    dial(it.cluster.place.addresses['n1']!, hello, {
      onAccepted: () => reject(new Error('accepted')),
      onPayload: () => reject(new Error('answered')),
      onClose: resolve,
    });
  });
}

test('damaged frames end their connections and nothing else: every node lives, serves, and has not grown', async () => {
  const { sent, closedByNode, problems, maxRssMb } = await assault(it.cluster, 'test', 1500);
  expect(problems).toEqual([]);
  expect(sent).toBeGreaterThanOrEqual(1500);
  expect(closedByNode).toBeGreaterThan(1000);
  expect(maxRssMb).toBeLessThan(300);
  for (const node of it.cluster.nodes()) {
    expect(await clientOf(node).invoke({ f: 'write', key: 'x', value: node }, 10_000)).toMatchObject({ kind: 'ok' });
  }
});

test('a caller of another cluster, or for another node, is refused by name', async () => {
  const peer = { role: 'peer', from: 'n2', to: 'n1', address: it.cluster.place.addresses['n2']! } as const;
  expect(await reasonFor({ ...peer, clusterId: 'away' })).toBe('refused: this is cluster home, not away');
  expect(await reasonFor({ role: 'client', clusterId: 'away', to: 'n1' })).toContain('cluster home, not away');
  expect(await reasonFor({ ...peer, clusterId: 'home', to: 'n3' })).toBe('refused: this is node n1, not n3');
});

test('a stranger gets no more room than a hello takes', async () => {
  const [host, port] = it.cluster.place.addresses['n1']!.split(':');
  const socket = connect({ host: host!, port: Number(port) }).on('error', () => {});
  socket.write(Uint8Array.of(0, 0, 0x20, 0));
  // Ended by the node at once: nothing more was sent, and a hello may take ten seconds.
  const beganMs = performance.now();
  await once(socket.resume(), 'close');
  expect(performance.now() - beganMs).toBeLessThan(5000);
});
