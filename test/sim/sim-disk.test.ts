/** What the simulated disk keeps, and what it may lose (core.md's power loss), over many draws. */
import { describe, expect, test } from 'vitest';
import { keyed } from '../../src/base/random.ts';
import { SimDisk } from '../../src/sim/sim-disk.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

const SECTOR = 512;

interface World {
  readonly disk: SimDisk;
  readonly clock: VirtualClock;
  readonly durable: number[];
  /** Tokens of fsyncs that failed. */
  readonly failed: number[];
}

function world(): World {
  const clock = new VirtualClock();
  const durable: number[] = [];
  // The second fsync alone would be faster than the first.
  const syncNs = (nth: number): number => (nth === 0 ? 1000 : 10);
  const failed: number[] = [];
  const disk = new SimDisk({
    clock,
    syncNs,
    onDurable: (token) => durable.push(token),
    onSyncFailed: (token) => failed.push(token),
  });
  return { clock, durable, failed, disk };
}

/** What is left after the same doings and a power loss, for each of 200 draws. */
function afterPowerLoss<T>(does: (world: World) => void, look: (disk: SimDisk) => T): T[] {
  return Array.from({ length: 200 }, (_, nth) => {
    const it = world();
    does(it);
    it.disk.losePower(keyed('draw', nth));
    return look(it.disk);
  });
}

const sectors = (count: number, fill: number): Uint8Array => new Uint8Array(count * SECTOR).fill(fill);

/** A file whose name is durable. */
function fileOf({ disk }: World, bytes: Uint8Array): void {
  disk.create('f');
  disk.syncFolder();
  disk.append('f', bytes);
}

test('reads see what was written, synced or not', () => {
  const { disk } = world();
  disk.create('f');
  disk.append('f', Uint8Array.of(1, 2));
  disk.append('f', Uint8Array.of(3));
  expect(disk.read('f')).toEqual(Uint8Array.of(1, 2, 3));
  expect(disk.read('g')).toBeUndefined();
});

test('tokens are told in the order of the calls, each when its fsync is done', () => {
  const { disk, clock, durable } = world();
  disk.create('f');
  disk.sync('f', 1);
  disk.sync('f', 2);
  clock.step(999);
  expect(durable).toEqual([]);
  while (clock.step(1000));
  expect(durable).toEqual([1, 2]);
});

describe('a crash', () => {
  test('loses no written byte', () => {
    const it = world();
    fileOf(it, sectors(3, 7));
    it.disk.crash();
    expect(it.disk.read('f')).toEqual(sectors(3, 7));
  });

  test('voids the fsyncs under way: no later life is told of them, and a power loss may take their bytes', () => {
    const it = world();
    fileOf(it, sectors(1, 7));
    it.disk.sync('f', 1);
    it.disk.crash();
    while (it.clock.step(5000));
    expect(it.durable).toEqual([]);
    const left = afterPowerLoss(
      (w) => {
        fileOf(w, sectors(1, 7));
        w.disk.sync('f', 1);
        w.disk.crash();
        while (w.clock.step(5000));
      },
      (disk) => disk.read('f')!.length,
    );
    expect(new Set(left)).toEqual(new Set([0, SECTOR]));
  });
});

describe('a power loss', () => {
  test('keeps every byte that was synced, also within a sector that was written on', () => {
    const left = afterPowerLoss(
      (it) => {
        fileOf(it, new Uint8Array(700).fill(7));
        it.disk.sync('f', 1);
        while (it.clock.step(1000));
        it.disk.append('f', new Uint8Array(900).fill(8));
      },
      (disk) => disk.read('f')!,
    );
    for (const bytes of left) expect(bytes.subarray(0, 700).filter((byte) => byte === 7)).toHaveLength(700);
  });

  test('keeps or loses each unsynced sector on its own, and reads a lost one as zeros', () => {
    const left = afterPowerLoss(
      (it) => fileOf(it, sectors(3, 9)),
      (disk) => disk.read('f')!,
    );
    const kept = left.filter((bytes) => bytes.length === 3 * SECTOR);
    const patterns = new Set(kept.map((bytes) => [0, 1, 2].map((nth) => bytes[nth * SECTOR]).join()));
    // All eight subsets, among them a later sector without an earlier one.
    expect(patterns.size).toBe(8);
    for (const bytes of kept) {
      for (const nth of [0, 1, 2]) {
        const sector = bytes.subarray(nth * SECTOR, (nth + 1) * SECTOR);
        expect(new Set(sector).size).toBe(1);
      }
    }
  });

  test('leaves a size that the file has had since its last fsync', () => {
    const left = afterPowerLoss(
      (it) => {
        fileOf(it, sectors(1, 1));
        it.disk.syncNow('f');
        it.disk.append('f', sectors(1, 2));
        it.disk.append('f', sectors(1, 3));
      },
      (disk) => disk.read('f')!.length,
    );
    expect(new Set(left)).toEqual(new Set([SECTOR, 2 * SECTOR, 3 * SECTOR]));
  });

  test('takes a new name back even if the file was synced, until the folder is', () => {
    const create = (it: World): void => {
      it.disk.create('f');
      it.disk.append('f', Uint8Array.of(1));
      it.disk.syncNow('f');
    };
    const names = afterPowerLoss(create, (disk) => disk.list().join());
    expect(new Set(names)).toEqual(new Set(['', 'f']));
    const synced = afterPowerLoss(
      (it) => {
        create(it);
        it.disk.syncFolder();
      },
      (disk) => disk.read('f'),
    );
    for (const bytes of synced) expect(bytes).toEqual(Uint8Array.of(1));
  });

  test('leaves a rename either done or not, and never neither name', () => {
    const found = afterPowerLoss(
      (it) => {
        fileOf(it, Uint8Array.of(1));
        it.disk.syncNow('f');
        it.disk.rename('f', 'g');
      },
      (disk) => disk.list().join(),
    );
    expect(new Set(found)).toEqual(new Set(['f', 'g']));
  });

  test('may bring a removed file back', () => {
    const found = afterPowerLoss(
      (it) => {
        fileOf(it, Uint8Array.of(1));
        it.disk.syncNow('f');
        it.disk.remove('f');
      },
      (disk) => disk.read('f')?.length,
    );
    expect(new Set(found)).toEqual(new Set([undefined, 1]));
  });

  test('leaves what it left: a second one takes nothing more', () => {
    const it = world();
    fileOf(it, sectors(4, 5));
    it.disk.losePower(keyed('first'));
    const left = it.disk.read('f');
    it.disk.losePower(keyed('second'));
    expect(it.disk.read('f')).toEqual(left);
  });
});

describe('a disk that suffers', () => {
  test('tells tokens later while it is slow, and only then', () => {
    const { disk, clock, durable } = world();
    disk.create('f');
    disk.suffer({ syncDelayMs: 1 });
    disk.sync('f', 1);
    clock.step(1_000_999);
    expect(durable).toEqual([]);
    clock.step(1_001_000);
    expect(durable).toEqual([1]);
    disk.mend();
    disk.sync('f', 2);
    clock.step(1_001_010);
    expect(durable).toEqual([1, 2]);
    expect(disk.delayedSyncs).toBe(1);
  });

  test('takes a part of the bytes when it is full, and says so, until it is mended', () => {
    const { disk } = world();
    disk.create('f');
    disk.suffer({ isFull: true });
    expect(() => disk.append('f', Uint8Array.of(1, 2, 3, 4))).toThrow('ENOSPC');
    expect(disk.read('f')).toEqual(Uint8Array.of(1, 2));
    disk.mend();
    disk.append('f', Uint8Array.of(5));
    expect(disk.read('f')).toEqual(Uint8Array.of(1, 2, 5));
  });

  test('of two delays the longer counts, and each ends by itself; a disk that was freed stays slow', () => {
    const { disk, clock, durable } = world();
    disk.create('f');
    const endShort = disk.suffer({ syncDelayMs: 1 });
    const endLong = disk.suffer({ syncDelayMs: 5 });
    const endFull = disk.suffer({ isFull: true });
    endFull();
    endShort();
    disk.append('f', Uint8Array.of(1));
    disk.sync('f', 1);
    clock.step(5_000_999);
    expect(durable).toEqual([]);
    clock.step(5_001_000);
    expect(durable).toEqual([1]);
    endLong();
    disk.sync('f', 2);
    clock.step(5_002_010);
    expect(durable).toEqual([1, 2]);
  });

  test('fails one fsync, the next that ends; the bytes can still be read', () => {
    const { disk, clock, durable, failed } = world();
    disk.create('f');
    disk.append('f', Uint8Array.of(1));
    disk.sync('f', 1);
    while (clock.step(2000));
    disk.sync('f', 2);
    disk.suffer({ failsNextSync: true });
    disk.sync('f', 3);
    while (clock.step(4000));
    expect({ durable, failed }).toEqual({ durable: [1, 3], failed: [2] });
    expect(disk.read('f')).toEqual(Uint8Array.of(1));
    disk.suffer({ failsNextSync: true });
    expect(() => disk.syncNow('f')).toThrow('EIO');
    disk.syncNow('f');
  });

  test('a power loss may take what an fsync failed on, though a later one succeeded, and nothing else', () => {
    const left = afterPowerLoss(
      (it) => {
        fileOf(it, sectors(1, 1));
        it.disk.syncNow('f');
        it.disk.append('f', sectors(2, 2));
        it.disk.suffer({ failsNextSync: true });
        expect(() => it.disk.syncNow('f')).toThrow('EIO');
        it.disk.append('f', sectors(1, 3));
        it.disk.syncNow('f');
      },
      (disk) => [0, 1, 2, 3].map((nth) => disk.read('f')![nth * SECTOR]).join(),
    );
    expect(new Set(left)).toEqual(new Set(['1,2,2,3', '1,0,2,3', '1,2,0,3', '1,0,0,3']));
  });

  test('flips one bit', () => {
    const { disk } = world();
    disk.create('f');
    disk.append('f', Uint8Array.of(1, 2, 3));
    disk.flip({ name: 'f', offset: 1, bit: 6 });
    expect(disk.read('f')).toEqual(Uint8Array.of(1, 66, 3));
    expect(disk.sizes()).toEqual([{ name: 'f', sizeBytes: 3 }]);
    expect(() => disk.flip({ name: 'f', offset: 3, bit: 0 })).toThrow('no byte 3');
  });
});
