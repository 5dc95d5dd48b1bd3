/** Fsyncs of any program are made slow, and made to fail, where strace may be attached; nothing of it stays. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ForeignNode } from '../../src/cluster/foreign-node.ts';
import { startGuard, type Guard } from '../../src/cluster/guard.ts';
import { canTraceSyncs, failSyncs, slowSyncs } from '../../src/cluster/traced-syncs.ts';
import type { Crash } from '../../src/contract/index.ts';
import { processesNaming } from '../e2e/program.ts';

const PROGRAM = new URL('../programs/syncs.mjs', import.meta.url).pathname;
const DELAY_MS = 150;
const WAIT = { timeout: 10_000 };

describe.skipIf(!canTraceSyncs())('where strace may be attached', () => {
  let folder: string;
  let guard: Guard;
  let node: ForeignNode;
  let crashes: Crash[];
  const output = (): string => readFileSync(join(folder, 'output.log'), 'utf8');
  const slowest = (): number => Math.max(...[...output().matchAll(/in (\d+) ms/g)].map(([, ms]) => Number(ms)));

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stalemate-syncs-'));
    guard = startGuard();
    crashes = [];
    node = new ForeignNode({
      id: 'n1',
      folder,
      launches: () => [{ name: 'syncs', file: process.execPath, args: [PROGRAM] }],
      guard,
      onCrash: (crash) => crashes.push(crash),
    });
    node.start();
    await expect.poll(output, WAIT).toContain('synced');
  });

  afterEach(async () => {
    await node.kill();
    await guard.stop();
    expect(processesNaming(folder)).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('every fsync takes longer until it is healed', async () => {
    const injury = await slowSyncs(node, DELAY_MS, { guard, folder });
    await expect.poll(slowest, WAIT).toBeGreaterThanOrEqual(DELAY_MS);
    expect(await injury.heal()).toMatchObject({
      effective: true,
      evidence: expect.stringMatching(/^[1-9]\d* fsyncs took 150 ms longer$/) as string,
    });
    expect(node.state).toBe('running');
    const lines = output().length;
    await expect.poll(() => output().slice(lines).split('synced').length, WAIT).toBeGreaterThan(3);
    expect(
      Math.min(
        ...[
          ...output()
            .slice(lines)
            .matchAll(/in (\d+) ms/g),
        ].map(([, ms]) => Number(ms)),
      ),
    ).toBeLessThan(DELAY_MS);
  });

  test('an fsync fails, the node ends of it, and starts again when it is healed: that is no crash', async () => {
    const injury = await failSyncs(node, { guard, folder });
    await expect.poll(output, WAIT).toContain('sync failed: EIO');
    await expect.poll(() => node.state, WAIT).toBe('down');
    const { effective, evidence } = await injury.heal();
    expect({ effective, evidence }).toEqual({
      effective: true,
      evidence: '1 fsyncs failed; the node ended, and runs again',
    });
    expect(node.state).toBe('running');
    expect(crashes).toEqual([]);
  });

  test('a process of the node that ends before strace comes to it is no reason to give up the others', async () => {
    const gone = spawnSync('true').pid;
    const pids = node.allPids();
    node.allPids = () => [gone, ...pids];
    const injury = await slowSyncs(node, DELAY_MS, { guard, folder });
    await expect.poll(slowest, WAIT).toBeGreaterThanOrEqual(DELAY_MS);
    expect((await injury.heal()).effective).toBe(true);
    node.allPids = () => [gone];
    await expect(slowSyncs(node, DELAY_MS, { guard, folder })).rejects.toThrow('No such process');
  });

  test('a second fault of the same fsyncs is refused, and the first one still counted', async () => {
    const first = await slowSyncs(node, DELAY_MS, { guard, folder });
    await expect.poll(slowest, WAIT).toBeGreaterThanOrEqual(DELAY_MS);
    await expect(failSyncs(node, { guard, folder })).rejects.toThrow('fsyncs of n1 are disturbed already');
    expect((await first.heal()).effective).toBe(true);
    const next = await slowSyncs(node, DELAY_MS, { guard, folder });
    await next.heal();
  });

  test('a node that is killed meanwhile leaves no strace, and suffered nothing', async () => {
    const injury = await slowSyncs(node, 60_000, { guard, folder });
    await node.kill();
    expect(node.state).toBe('down');
    expect((await injury.heal()).effective).toBe(false);
    await expect(slowSyncs(node, DELAY_MS, { guard, folder })).rejects.toThrow('n1 is already down');
  });
});
