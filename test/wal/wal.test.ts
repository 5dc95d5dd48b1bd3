/** The log on the simulator's disk: what recovery keeps, cuts and refuses, and that no crash at any step of it loses a promise. */
import { describe, expect, test } from 'vitest';
import { keyed } from '../../src/base/random.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import type { Entry } from '../../src/raft/types.ts';
import type { Disk } from '../../src/replica/ports.ts';
import { SimDisk } from '../../src/sim/sim-disk.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import { Wal, type WalState } from '../../src/wal/wal.ts';

const IDENTITY = { clusterId: 'c', id: 'n1' };
const BORN: WalState = {
  hardState: { term: 1, votedFor: null },
  snapshot: {
    lastIncludedIndex: 0,
    lastIncludedTerm: 0,
    chain: 0,
    configuration: { voters: ['n1', 'n2'], outgoing: [], learners: ['n3'], addresses: { n1: 'a:1', n2: 'b:2' } },
  },
  entries: [entry(1, 1)],
};
const FIRST = 'log-0000000000000000.wal';

function entry(index: number, term: number, size = 20): Entry {
  const data = new Uint8Array(size).map((_, i) => (index * 31 + term * 7 + i) % 256);
  return { index, term, kind: index === 1 ? 'configuration' : 'command', data };
}

/** One node's disk and the log on it. */
class Machine {
  readonly clock = new VirtualClock();
  readonly disk: SimDisk;
  #wal: Wal | null = null;
  readonly durable: number[] = [];

  constructor() {
    this.disk = new SimDisk({
      clock: this.clock,
      syncNs: () => 1000,
      onDurable: (token) => {
        this.durable.push(token);
        this.#wal?.onDurable(token);
      },
    });
  }

  get wal(): Wal {
    return this.#wal!;
  }

  create(segmentBytes?: number): Wal {
    return (this.#wal = Wal.create(this.#options(this.disk, segmentBytes), BORN));
  }

  open({ disk = this.disk, segmentBytes }: { disk?: Disk; segmentBytes?: number } = {}): WalState {
    const { wal, state } = Wal.open(this.#options(disk, segmentBytes));
    this.#wal = wal;
    return { hardState: state.hardState, snapshot: state.snapshot, entries: state.entries };
  }

  /** Lets every fsync under way finish. */
  settle(): void {
    while (this.clock.step(this.clock.nowNs() + 1_000_000));
  }

  /** Makes this the contents of a file, durably. */
  overwrite(name: string, bytes: Uint8Array): void {
    if (this.disk.list().includes(name)) this.disk.remove(name);
    this.disk.create(name);
    this.disk.append(name, bytes);
    this.disk.syncNow(name);
    this.disk.syncFolder();
  }

  #options(disk: Disk, segmentBytes: number | undefined) {
    return { disk, identity: IDENTITY, rules: ALL_RULES, ...(segmentBytes === undefined ? {} : { segmentBytes }) };
  }
}

/** The bytes of a log of one segment: `written` runs, and where each of its syncs ended. */
function recorded(written: (wal: Wal, settle: () => void) => void): { bytes: Uint8Array; machine: Machine } {
  const machine = new Machine();
  written(machine.create(), () => machine.settle());
  return { bytes: machine.disk.read(FIRST)!, machine };
}

describe('recovery', () => {
  test('finds what a new log was begun with', () => {
    const machine = new Machine();
    expect(Wal.exists(machine.disk)).toBe(false);
    machine.create();
    expect(Wal.exists(machine.disk)).toBe(true);
    machine.disk.losePower(keyed('any'));
    expect(machine.open()).toEqual(BORN);
  });

  test('finds hard state and entries; an entry at or below the last index truncates the suffix', () => {
    const machine = new Machine();
    const wal = machine.create();
    wal.hardState({ term: 2, votedFor: 'n2' });
    wal.append([entry(2, 2), entry(3, 2), entry(4, 2)]);
    wal.append([entry(3, 3)]);
    wal.hardState({ term: 3, votedFor: null });
    wal.sync(1);
    expect(machine.open()).toEqual({
      ...BORN,
      hardState: { term: 3, votedFor: null },
      entries: [entry(1, 1), entry(2, 2), entry(3, 3)],
    });
  });

  test('refuses the folder of another node or of another cluster', () => {
    const machine = new Machine();
    machine.create();
    const open = (identity: { clusterId: string; id: string }) => () =>
      Wal.open({ disk: machine.disk, identity, rules: ALL_RULES });
    expect(open({ clusterId: 'c', id: 'n2' })).toThrow('belongs to node n1 of cluster c, not to n2 of c');
    expect(open({ clusterId: 'd', id: 'n1' })).toThrow('belongs to node n1');
  });

  test('cuts a torn tail at every byte of the last record', () => {
    const { bytes } = recorded((wal, settle) => {
      wal.append([entry(2, 2)]);
      wal.sync(1);
      settle();
    });
    const { bytes: longer } = recorded((wal, settle) => {
      wal.append([entry(2, 2)]);
      wal.sync(1);
      settle();
      wal.append([entry(3, 2)]);
      wal.sync(2);
    });
    expect(longer.subarray(0, bytes.length)).toEqual(bytes);
    const survivors = { ...BORN, entries: [entry(1, 1), entry(2, 2)] };
    for (let length = bytes.length; length < longer.length; length++) {
      const machine = new Machine();
      machine.overwrite(FIRST, longer.subarray(0, length));
      expect(machine.open()).toEqual(survivors);
    }
  });

  test('cuts a tail with any byte of the last record wrong', () => {
    const { bytes: longer } = recorded((wal, settle) => {
      wal.append([entry(2, 2)]);
      wal.sync(1);
      settle();
      wal.append([entry(3, 2)]);
      wal.sync(2);
    });
    const { bytes } = recorded((wal) => {
      wal.append([entry(2, 2)]);
      wal.sync(1);
    });
    for (let at = bytes.length; at < longer.length; at++) {
      const machine = new Machine();
      machine.overwrite(FIRST, flipped(longer, at));
      expect(machine.open().entries).toEqual([entry(1, 1), entry(2, 2)]);
    }
  });

  test('cuts at the first bad byte above the attested offset, even when valid records follow', () => {
    const unsynced = (wal: Wal): void => {
      for (const index of [2, 3, 4]) {
        wal.append([entry(index, 2)]);
        wal.sync(index);
      }
    };
    const { bytes: one } = recorded((wal) => wal.append([entry(2, 2)]));
    const { bytes } = recorded(unsynced);
    const machine = new Machine();
    machine.overwrite(FIRST, flipped(bytes, one.length + 20));
    expect(machine.open().entries).toEqual([entry(1, 1)]);
  });

  test('refuses every damaged byte below the attested offset, and says where', () => {
    const { bytes } = recorded((wal, settle) => {
      wal.append([entry(2, 2)]);
      wal.sync(1);
      settle();
    });
    const { bytes: whole } = recorded((wal, settle) => {
      wal.append([entry(2, 2)]);
      wal.sync(1);
      settle();
      wal.append([entry(3, 2)]);
      wal.sync(2);
    });
    for (let at = 0; at < bytes.length; at++) {
      const machine = new Machine();
      machine.overwrite(FIRST, flipped(whole, at));
      expect(() => machine.open()).toThrow(/^log-0000000000000000\.wal is damaged at byte \d+: /);
      expect(machine.disk.read(FIRST)).toEqual(flipped(whole, at));
    }
  });

  test('a log that went idle attests its last entry, so that damage there is refused too', () => {
    const { bytes, machine } = recorded((wal, settle) => {
      wal.append([entry(2, 2)]);
      expect(wal.isUnattested).toBe(false);
      wal.sync(1);
      expect(wal.isUnattested).toBe(false);
      settle();
      expect(wal.isUnattested).toBe(true);
      wal.attest(1);
      expect(wal.isUnattested).toBe(false);
      settle();
      expect(wal.isUnattested).toBe(false);
    });
    const other = new Machine();
    const data = bytes.findLastIndex((byte, i) => byte === entry(2, 2).data[0] && bytes[i + 1] === byte + 1);
    other.overwrite(FIRST, flipped(bytes, data));
    expect(() => other.open()).toThrow('damaged');
    expect(machine.open().entries).toEqual([entry(1, 1), entry(2, 2)]);
  });

  test('does not take a client value that looks like a record for one', () => {
    const { bytes: decoy } = recorded((wal, settle) => {
      wal.append([entry(2, 2)]);
      wal.sync(1);
      settle();
      wal.attest(1);
    });
    const { bytes: torn } = recorded((wal) => {
      wal.append([{ index: 2, term: 2, kind: 'command', data: Uint8Array.from([...decoy, 0, 0]) }]);
      wal.sync(1);
    });
    const machine = new Machine();
    machine.overwrite(FIRST, torn.subarray(0, torn.length - 1));
    expect(machine.open()).toEqual(BORN);
  });

  test('makes durable what it read: what a killed process had only written survives a power loss after the restart', () => {
    for (let seed = 0; seed < 20; seed++) {
      const machine = new Machine();
      machine.create().append([entry(2, 2)]);
      machine.wal.hardState({ term: 2, votedFor: 'n1' });
      machine.wal.sync(1);
      machine.disk.crash();
      const state = machine.open();
      expect(state.entries.length).toBe(2);
      machine.disk.losePower(keyed(`${seed}`));
      expect(machine.open()).toEqual(state);
    }
  });

  test('attests what it rewrote: from then on damage there is refused', () => {
    const machine = new Machine();
    machine.create().append([entry(2, 2)]);
    machine.wal.sync(1);
    machine.open();
    const bytes = machine.disk.read(FIRST)!;
    const marker = bytes.findLastIndex((_, i) => [0x53, 0x4c, 0x4f, 0x47].every((byte, k) => bytes[i + k] === byte));
    for (let at = 0; at < marker; at++) {
      machine.overwrite(FIRST, flipped(bytes, at));
      expect(() => machine.open()).toThrow('is damaged');
    }
  });

  test('may be repeated for ever without changing anything', () => {
    const machine = new Machine();
    machine.create().append([entry(2, 2), entry(3, 2)]);
    machine.wal.sync(1);
    const state = machine.open();
    const size = machine.disk.read(FIRST)!.length;
    for (let i = 0; i < 3; i++) expect(machine.open()).toEqual(state);
    expect(machine.disk.read(FIRST)!.length).toBe(size);
    expect(machine.disk.list()).toEqual([FIRST]);
  });

  test('goes on: what is written after a recovery is found by the next one', () => {
    const machine = new Machine();
    machine.create();
    for (let index = 2; index < 6; index++) {
      machine.wal.append([entry(index, 2)]);
      machine.wal.sync(index);
      machine.settle();
      expect(machine.open().entries.length).toBe(index);
    }
  });
});

describe('segments', () => {
  test('follow one another at the configured size, and are recovered as one log', () => {
    const machine = new Machine();
    machine.create(600).hardState({ term: 2, votedFor: 'n2' });
    const entries = [entry(1, 1)];
    for (let index = 2; index <= 30; index++) {
      entries.push(entry(index, 2, 60));
      machine.wal.append(entries.slice(-1));
      machine.wal.sync(index);
      machine.settle();
    }
    expect(machine.disk.list().length).toBeGreaterThan(4);
    expect(machine.durable.at(-1)).toBe(30);
    expect(machine.open({ segmentBytes: 600 })).toEqual({
      hardState: { term: 2, votedFor: 'n2' },
      snapshot: BORN.snapshot,
      entries,
    });
    machine.wal.append([entry(12, 3)]);
    machine.wal.sync(31);
    expect(machine.open().entries).toEqual([...entries.slice(0, 11), entry(12, 3)]);
  });

  test('a bad byte in any but the last one is damage', () => {
    const machine = new Machine();
    machine.create(600);
    for (let index = 2; index <= 12; index++) {
      machine.wal.append([entry(index, 2, 60)]);
      machine.wal.sync(index);
    }
    const [first, ...rest] = machine.disk.list();
    expect(rest.length).toBeGreaterThan(0);
    const bytes = machine.disk.read(first!)!;
    for (const at of [0, 100, bytes.length - 1]) {
      machine.overwrite(first!, flipped(bytes, at));
      expect(() => machine.open()).toThrow(`${first} is damaged`);
    }
    machine.overwrite(first!, bytes.subarray(0, bytes.length - 60));
    expect(() => machine.open()).toThrow(`${first} is damaged`);
  });

  test('a missing one is damage', () => {
    const machine = new Machine();
    machine.create(600);
    for (let index = 2; index <= 20; index++) {
      machine.wal.append([entry(index, 2, 60)]);
      machine.wal.sync(index);
    }
    const second = machine.disk.list()[1]!;
    machine.disk.remove(second);
    expect(() => machine.open()).toThrow(`${FIRST} is damaged`);
  });
});

describe('a crash between any two operations on the disk', () => {
  /** Writes and syncs entries, with a small segment so that it rolls, and a recovery at the end. */
  function live(machine: Machine, disk: Disk): { promised: number } {
    const progress = { promised: 1 };
    const options = { disk, identity: IDENTITY, rules: ALL_RULES, segmentBytes: 400 };
    try {
      const { wal } = Wal.open(options);
      const onDurable = (): void => {
        machine.settle();
        progress.promised = Math.max(progress.promised, machine.durable.at(-1) ?? 1);
      };
      for (let index = 2; index <= 9; index++) {
        wal.append([entry(index, 2, 60)]);
        wal.sync(index);
        onDurable();
        wal.onDurable(index);
      }
      wal.append([entry(10, 2, 60)]);
      wal.sync(10);
      const recovered = Wal.open(options);
      // Whatever a recovery answered must survive, too.
      progress.promised = recovered.state.entries.length;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    return progress;
  }

  test.each([
    ['kill -9', 1],
    ['power loss', 4],
  ])('followed by a %s, loses no entry that was promised', (kind, seeds) => {
    let crashes = 0;
    for (let seed = 0; seed < seeds; seed++) {
      for (let operations = 1; ; operations++) {
        const machine = new Machine();
        machine.create(400);
        machine.settle();
        const crashing = crashingDisk(machine.disk, operations);
        const { promised } = live(machine, crashing.disk);
        if (!crashing.crashed()) break;
        crashes++;
        if (kind === 'power loss') machine.disk.losePower(keyed(`${seed}`, operations));
        else machine.disk.crash();
        const state = machine.open();
        expect(state.entries.length).toBeGreaterThanOrEqual(promised);
        expect(state.entries.length).toBeLessThanOrEqual(10);
        expect(state.entries).toEqual([entry(1, 1), ...state.entries.slice(1).map((_, i) => entry(i + 2, 2, 60))]);
        // What this recovery answered is durable.
        machine.disk.losePower(keyed(`${seed}`, operations, 'again'));
        expect(machine.open()).toEqual(state);
      }
    }
    expect(crashes).toBeGreaterThan(seeds * 35);
  });

  test('while a new log is begun, leaves either no log or a whole one', () => {
    const outcomes = new Set<boolean>();
    for (let seed = 0; seed < 10; seed++) {
      for (let operations = 1; ; operations++) {
        const machine = new Machine();
        const crashing = crashingDisk(machine.disk, operations);
        try {
          Wal.create({ disk: crashing.disk, identity: IDENTITY, rules: ALL_RULES }, BORN);
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
        }
        machine.disk.losePower(keyed(`${seed}`, operations));
        const exists = Wal.exists(machine.disk);
        outcomes.add(exists);
        if (exists) expect(machine.open()).toEqual(BORN);
        else expect(() => machine.create()).not.toThrow();
        if (!crashing.crashed()) break;
      }
    }
    expect(outcomes).toEqual(new Set([true, false]));
  });
});

class Crash extends Error {}

/** Passes everything on to `disk` and throws before the nth change. Appends are torn: half of the bytes are written. */
function crashingDisk(disk: SimDisk, changes: number): { disk: Disk; crashed: () => boolean } {
  let left = changes;
  const change = (act: () => void, torn: () => void = () => undefined): void => {
    if (left > 1) {
      left--;
      return act();
    }
    if (left === 1) torn();
    left = 0;
    throw new Crash();
  };
  return {
    crashed: () => left === 0,
    disk: {
      list: () => disk.list(),
      read: (name) => disk.read(name),
      crc32: (bytes, seed) => disk.crc32(bytes, seed),
      create: (name) => change(() => disk.create(name)),
      append: (name, bytes) =>
        change(
          () => disk.append(name, bytes),
          () => disk.append(name, bytes.subarray(0, bytes.length >> 1)),
        ),
      rename: (from, to) => change(() => disk.rename(from, to)),
      remove: (name) => change(() => disk.remove(name)),
      sync: (name, token) => change(() => disk.sync(name, token)),
      writeBack: (name) => change(() => disk.writeBack(name)),
      syncNow: (name) => change(() => disk.syncNow(name)),
      syncFolder: () => change(() => disk.syncFolder()),
    },
  };
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 0x10;
  return copy;
}
