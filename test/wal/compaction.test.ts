/** The log and a snapshot together: what is removed, what a recovery takes for the rest of the log, and what a crash in between leaves. */
import { describe, expect, test } from 'vitest';
import { keyed } from '../../src/base/random.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import type { Entry, SnapshotMark } from '../../src/raft/types.ts';
import type { Disk } from '../../src/replica/ports.ts';
import { SimDisk } from '../../src/sim/sim-disk.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import { Wal, type WalState } from '../../src/wal/wal.ts';

const configuration = { voters: ['n1', 'n2'], outgoing: [], learners: [], addresses: {} };
const FIRST = 'log-0000000000000000.wal';
const SEGMENT_BYTES = 400;

const mark = (lastIncludedIndex: number, lastIncludedTerm: number): SnapshotMark => ({
  lastIncludedIndex,
  lastIncludedTerm,
  chain: lastIncludedIndex * 7,
  configuration,
});
const entry = (index: number, term: number): Entry => ({ index, term, kind: 'command', data: new Uint8Array(60) });
const entries = (from: number, to: number, term: number): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, term));
const places = (state: WalState): string[] => state.entries.map(({ index, term }) => `${index}@${term}`);

function newDisk(): SimDisk {
  return new SimDisk({ clock: new VirtualClock(), syncNs: () => 1, onDurable: () => undefined });
}

function optionsOf(disk: Disk): Parameters<typeof Wal.open>[0] {
  return { disk, identity: { clusterId: 'c', id: 'n1' }, rules: ALL_RULES, segmentBytes: SEGMENT_BYTES };
}

/** A log of `last` entries of term 2 over several segments. */
function written(last: number, disk: SimDisk = newDisk()): { disk: SimDisk; wal: Wal } {
  const state = { hardState: { term: 2, votedFor: null }, snapshot: mark(0, 0), entries: [entry(1, 1)] };
  const wal = Wal.create(optionsOf(disk), state);
  for (let index = 2; index <= last; index++) {
    wal.append([entry(index, 2)]);
    wal.sync(index);
  }
  wal.syncNow();
  return { disk, wal };
}

const found = (disk: SimDisk, snapshot: SnapshotMark | null): WalState => Wal.open(optionsOf(disk), snapshot).state;

describe('compaction', () => {
  test('removes the segments before the one with the entry at the end of the snapshot, and no more', () => {
    const { disk, wal } = written(30);
    const before = disk.list();
    wal.compact(mark(15, 2));
    const after = disk.list();
    expect(after.length).toBeGreaterThan(2);
    expect(after.length).toBeLessThan(before.length - 2);
    expect(after).toEqual(before.slice(-after.length));
    const state = found(disk, mark(15, 2));
    expect(state.snapshot).toEqual(mark(15, 2));
    expect(places(state)).toEqual(entries(16, 30, 2).map(({ index }) => `${index}@2`));
  });

  test('leaves a log that goes on, and can be compacted again, also after a recovery', () => {
    const { disk, wal } = written(20);
    wal.compact(mark(10, 2));
    const { wal: next } = Wal.open(optionsOf(disk), mark(10, 2));
    for (let index = 21; index <= 40; index++) {
      next.append([entry(index, 3)]);
      next.sync(index);
    }
    next.compact(mark(35, 3));
    expect(disk.list().length).toBeLessThan(5);
    expect(places(found(disk, mark(35, 3)))).toEqual(['36@3', '37@3', '38@3', '39@3', '40@3']);
  });

  test('entries that a later one truncated do not come back, although they are behind the snapshot', () => {
    const { disk, wal } = written(20);
    wal.append([entry(8, 3)]);
    wal.append([entry(9, 3)]);
    wal.sync(21);
    expect(places(found(disk, mark(8, 3)))).toEqual(['9@3']);
  });

  test('a snapshot that the log does not reach back to is refused', () => {
    const { disk, wal } = written(30);
    wal.compact(mark(25, 2));
    expect(() => found(disk, mark(5, 2))).toThrow(/is damaged at byte 0: entry \d+ does not follow the log before it/);
    expect(() => found(disk, null)).toThrow(/is damaged/);
  });
});

describe('a snapshot in place of the log', () => {
  test('leaves the entries that it was told to keep, and no other segment', () => {
    const { disk, wal } = written(30);
    wal.reset(mark(40, 5), []);
    expect(disk.list().length).toBe(1);
    expect(disk.list()).not.toContain(FIRST);
    expect(places(found(disk, mark(40, 5)))).toEqual([]);
    const other = written(30);
    other.wal.reset(mark(20, 2), entries(21, 30, 2));
    expect(places(found(other.disk, mark(20, 2)))).toEqual(entries(21, 30, 2).map(({ index }) => `${index}@2`));
  });

  test('what is appended behind it is found', () => {
    const { disk, wal } = written(30);
    wal.reset(mark(25, 5), []);
    wal.append([entry(26, 6)]);
    wal.sync(31);
    expect(places(found(disk, mark(25, 5)))).toEqual(['26@6']);
  });

  test('the log of before it is no part of it, if the node died before it said so; nor later', () => {
    const { disk } = written(30);
    const { wal, state } = Wal.open(optionsOf(disk), mark(25, 5));
    expect([state.snapshot.lastIncludedIndex, places(state)]).toEqual([25, []]);
    wal.append([entry(26, 6)]);
    wal.sync(31);
    expect(places(found(disk, mark(25, 5)))).toEqual(['26@6']);
    expect(places(found(disk, mark(25, 5)))).toEqual(['26@6']);
  });

  test('the log of before it is the rest of it if it has the entry at its end', () => {
    const { disk } = written(30);
    expect(places(found(disk, mark(28, 2)))).toEqual(['29@2', '30@2']);
  });

  test('a log that is behind the snapshot has nothing to add', () => {
    const { disk } = written(10);
    expect(places(found(disk, mark(28, 2)))).toEqual([]);
  });
});

class Crash extends Error {}

/** Passes everything on and throws instead of the nth change, and of all after it. */
function crashingDisk(disk: SimDisk, changes: number): { disk: Disk; crashed: () => boolean } {
  let left = changes;
  const guard =
    <A extends readonly unknown[]>(act: (...args: A) => void) =>
    (...args: A): void => {
      if (--left <= 0) throw new Crash();
      act(...args);
    };
  return {
    crashed: () => left <= 0,
    disk: {
      list: () => disk.list(),
      read: (name) => disk.read(name),
      crc32: (bytes, seed) => disk.crc32(bytes, seed),
      create: guard((name: string) => disk.create(name)),
      append: guard((name: string, bytes: Uint8Array) => disk.append(name, bytes)),
      rename: guard((from: string, to: string) => disk.rename(from, to)),
      remove: guard((name: string) => disk.remove(name)),
      sync: guard((name: string, token: number) => disk.sync(name, token)),
      writeBack: guard((name: string) => disk.writeBack(name)),
      syncNow: guard((name: string) => disk.syncNow(name)),
      syncFolder: guard(() => disk.syncFolder()),
    },
  };
}

test.each([
  ['a compaction', mark(25, 2), entries(26, 30, 2), (wal: Wal): void => wal.compact(mark(25, 2))],
  ['a replacement', mark(25, 5), [], (wal: Wal): void => wal.reset(mark(25, 5), [])],
  ['a replacement that keeps a suffix', mark(25, 2), entries(26, 30, 2), replaceAndKeep],
])('power lost between any two steps of %s: the same log is found', (_, snapshot, expected, act) => {
  let crashes = 0;
  for (let seed = 0; seed < 6; seed++) {
    for (let changes = 1; ; changes++) {
      const { disk } = written(30);
      const crashing = crashingDisk(disk, Infinity);
      const { wal } = Wal.open(optionsOf(crashing.disk));
      const armed = crashingDisk(disk, changes);
      Object.assign(crashing.disk, armed.disk);
      try {
        act(wal);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      disk.losePower(keyed('between', seed, changes));
      expect(places(found(disk, snapshot))).toEqual(expected.map(({ index, term }) => `${index}@${term}`));
      if (!armed.crashed()) break;
      crashes++;
    }
  }
  expect(crashes).toBeGreaterThan(24);
});

function replaceAndKeep(wal: Wal): void {
  wal.reset(mark(25, 2), entries(26, 30, 2));
}
