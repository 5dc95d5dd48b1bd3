/** The clocks of real nodes, held against the controller's: on one machine they are the same, and one that is not is found out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGuard } from '../../src/cluster/guard.ts';
import { nodeFlags } from '../../src/cluster/node-flags.ts';
import { NodeProcess } from '../../src/cluster/node-process.ts';
import { reservePorts } from '../../src/cluster/ports.ts';
import { NS_PER_MS } from '../../src/base/time.ts';
import { oneClusterEach } from './one-cluster.ts';

const one = oneClusterEach('clock-error', { electionTimeoutMs: [500, 1000] });
const SHIFT_MS = 40;

test('every node is measured, and is off by less than a round trip on this machine', async () => {
  const before = await one.cluster.clockErrorsMs();
  expect(Object.keys(before)).toEqual(['n1', 'n2', 'n3']);
  for (const ms of Object.values(before)) {
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThan(SHIFT_MS);
  }
  // A node that was started anew was measured again, and the worst counts.
  const killed = await one.cluster.apply({ kind: 'kill', node: 'n2' });
  expect(await one.cluster.clockErrorsMs()).toHaveProperty('n2');
  await killed.heal();
  expect((await one.cluster.clockErrorsMs())['n2']).toBeGreaterThanOrEqual(before['n2']!);
});

test('the clock fault is none of the clock that probes are written by', async () => {
  const skewed = await one.cluster.apply({ kind: 'clock', node: 'n1', rate: 1, jumpMs: 5000 });
  expect((await one.cluster.clockErrorsMs())['n1']).toBeLessThan(SHIFT_MS);
  await skewed.heal();
});

test('a node whose clock is 40 ms behind is off by at least as much', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stalemate-shifted-'));
  const guard = startGuard();
  const reservation = await reservePorts(1);
  const epochNs = process.hrtime.bigint();
  const address = `127.0.0.1:${reservation.ports[0]}`;
  const setup = { clusterId: 'shifted', electionTimeoutMs: [500, 1000], mutant: null, seed: 's' } as const;
  const node = new NodeProcess({
    id: 'n1',
    clusterId: 'shifted',
    address,
    folder,
    flags: [
      `--members=n1=${address}`,
      ...nodeFlags('n1', folder, { ...setup, epochNs: epochNs + BigInt(SHIFT_MS * NS_PER_MS) }),
    ],
    guard,
    nowNs: () => Number(process.hrtime.bigint() - epochNs),
    onRole: () => {},
    onCrash: () => {},
  });
  try {
    await node.start({ init: true, filter: { cutOut: [], cutIn: [], disturbed: {} } });
    expect(node.clockErrorNs! / NS_PER_MS).toBeGreaterThanOrEqual(SHIFT_MS);
    expect(node.clockErrorNs! / NS_PER_MS).toBeLessThan(2 * SHIFT_MS);
  } finally {
    await node.kill();
    await guard.stop();
    reservation.release();
    rmSync(folder, { recursive: true, force: true });
  }
});
