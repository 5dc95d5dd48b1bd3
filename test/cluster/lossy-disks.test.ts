/** Disks that lose power under a program that knows nothing of it: what was synced stays, what was not is gone, and no mount is left. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ForeignNode } from '../../src/cluster/foreign-node.ts';
import { startGuard, type Guard } from '../../src/cluster/guard.ts';
import { canLosePower, LossyDisks } from '../../src/cluster/lossy-disks.ts';
import { poll } from '../../src/cluster/waiting.ts';

const PROGRAM = new URL('../programs/half-synced.mjs', import.meta.url).pathname;

describe.skipIf(!canLosePower())('power loss of any program (where root may mount a file)', () => {
  let folder: string;
  let guard: Guard;
  let disks: LossyDisks;
  let node: ForeignNode;
  const written = (): number => {
    const log = join(folder, 'output.log');
    return existsSync(log) ? readFileSync(log, 'utf8').split('written').length - 1 : 0;
  };
  const untilWritten = async (times: number): Promise<void> => {
    const seen = (): true | undefined => written() === times || undefined;
    expect(await poll(seen, { everyMs: 20, timeoutMs: 10_000 })).toBe(true);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stalemate-power-'));
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'before'), 'made before the disk\n');
    guard = startGuard();
    disks = new LossyDisks({ folderOf: () => folder, guard });
    await disks.start('n1');
    const launch = { name: 'half-synced', file: process.execPath, args: [PROGRAM] };
    node = new ForeignNode({
      id: 'n1',
      folder,
      guard,
      launches: () => [disks.launchOn('n1', launch)],
      onCrash: () => {},
    });
    node.start();
    await untilWritten(1);
  });

  afterEach(async () => {
    await node.kill();
    await disks.stop();
    await guard.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('what was synced is there, what was not is gone; the node goes on from there', async () => {
    const loss = await disks.losePower([node]);
    expect(node.isGone()).toBe(true);
    expect(loss.evidence).toBe('power lost: 2 files of n1 are gone or shorter');
    expect(await loss.heal()).toEqual({
      effective: true,
      evidence: 'no power until now; 2 files of n1 were taken back to what was synced',
    });
    await untilWritten(2);
    await node.kill();
    await disks.stop();
    const data = join(folder, 'data');
    // The unsynced line of the first life is gone; that of the second, which was only killed, is not.
    expect(readFileSync(join(data, 'lines'), 'utf8')).toBe('synced\nsynced\nunsynced\n');
    expect(readFileSync(join(data, 'before'), 'utf8')).toBe('made before the disk\n');
    expect(readdirSync(folder).toSorted()).toEqual(['data', 'output.log']);
  });

  test('nothing of it is seen, or left, outside', async () => {
    const mounts = (): string => readFileSync('/proc/self/mounts', 'utf8');
    expect(mounts()).not.toContain(folder);
    await node.kill();
    await disks.stop();
    const backing = (): readonly string[] =>
      readdirSync('/sys/block').flatMap((device) => {
        const file = `/sys/block/${device}/loop/backing_file`;
        return existsSync(file) ? [readFileSync(file, 'utf8')] : [];
      });
    expect(
      await poll(() => backing().every((file) => !file.includes(folder)) || undefined, {
        everyMs: 50,
        timeoutMs: 5000,
      }),
    ).toBe(true);
  });

  test('the guard takes mount and device away where nobody stops them', async () => {
    const pids = node.pids;
    await guard.stop();
    const gone = (): true | undefined => pids.every((pid) => !existsSync(`/proc/${pid}`)) || undefined;
    expect(await poll(gone, { everyMs: 20, timeoutMs: 5000 })).toBe(true);
    const isFree = (): true | undefined =>
      readdirSync('/sys/block').every((device) => {
        const file = `/sys/block/${device}/loop/backing_file`;
        return !existsSync(file) || !readFileSync(file, 'utf8').includes(folder);
      }) || undefined;
    expect(await poll(isFree, { everyMs: 50, timeoutMs: 5000 })).toBe(true);
  });
});
