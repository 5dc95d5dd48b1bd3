/** Snapshot files as they come to be: piece by piece, beside the node's other work. */
import { expect, test } from 'vitest';
import { ALL_RULES } from '../../src/raft/rules.ts';
import type { Disk } from '../../src/replica/ports.ts';
import { SimDisk } from '../../src/sim/sim-disk.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import { SnapshotFiles } from '../../src/wal/snapshot-files.ts';

const CONFIGURATION = { voters: ['n1'], outgoing: [], learners: [], addresses: {} };
const MARK = { lastIncludedIndex: 9, lastIncludedTerm: 2, chain: 7, configuration: CONFIGURATION };

/** A disk, and what was called of it that waits or begins to. */
function watched(): { readonly disk: Disk; readonly calls: string[] } {
  const calls: string[] = [];
  class Watched extends SimDisk {
    override writeBack(name: string): void {
      calls.push(`write back ${name}`);
      super.writeBack(name);
    }

    override syncNow(name: string): void {
      calls.push(`wait for ${name}`);
      super.syncNow(name);
    }
  }
  return { disk: new Watched({ clock: new VirtualClock(), syncNs: () => 0, onDurable: () => {} }), calls };
}

test('no piece of a snapshot waits for the disk; its end does, before it gets its name', () => {
  const { disk, calls } = watched();
  const files = new SnapshotFiles(disk, 'c', ALL_RULES);
  files.begin(MARK);
  for (const byte of [1, 2, 3]) files.write(new Uint8Array(1000).fill(byte));
  expect(calls).toEqual(Array.from({ length: 4 }, () => 'write back snapshot.tmp'));
  expect(disk.list()).toEqual(['snapshot.tmp']);
  calls.length = 0;
  const hash = files.publish();
  expect(calls).toEqual(['wait for snapshot.tmp']);
  const found = new SnapshotFiles(disk, 'c', ALL_RULES).recover();
  expect(found).toMatchObject({ snapshot: MARK, hash });
  expect(found?.state.length).toBe(3000);
});
