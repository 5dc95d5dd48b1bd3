/**
 * The last three records of a log, cut short at every byte, and with every byte wrong: recovery keeps exactly what core.md says, or
 * refuses and leaves the files as they are. It never ends in another way, never invents an entry and never loses one in silence
 * that the log itself attests. On the simulator's disk, and on real files.
 */
import { mkdtempSync, rmSync, readFileSync, readdirSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StalemateError } from '../../src/base/errors.ts';
import { FileDisk } from '../../src/node/file-disk.ts';
import type { Disk } from '../../src/replica/ports.ts';
import { SimDisk } from '../../src/sim/sim-disk.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import { Wal } from '../../src/wal/wal.ts';
import { type Expected, expectedOf, optionsOf, type Place, placesOf, type LogStory, STORIES, tell } from './damage.ts';

type Files = ReadonlyMap<string, Uint8Array>;

/** One wrong log: what is in its files, and what is to come of it. */
interface Wrong {
  readonly what: string;
  readonly files: Files;
  readonly expected: Expected | undefined;
}

function* wrongLogs(
  story: LogStory,
  files: Files,
  records: readonly Place[],
  masks: readonly number[],
): Generator<Wrong> {
  for (let nth = records.length - 3; nth < records.length; nth++) {
    const { file, begin, end } = records[nth]!;
    const bytes = files.get(file)!;
    const behind = records.slice(nth + 1);
    const expect = (rest: readonly Place[]): Expected | undefined =>
      expectedOf(story, records, { whole: nth, behind: rest });
    for (let at = begin; at < end; at++) {
      // A segment behind the cut one stays, and is then without what was before it.
      yield { what: `cut at ${at} of ${file}`, files: withFile(files, file, bytes.slice(0, at)), expected: expect([]) };
      const zeroed = bytes.slice().fill(0, at);
      // Where a record ends in zeros it may still be whole.
      const isWhole = bytes.subarray(at, end).every((byte) => byte === 0);
      const rest = isWhole ? expectedOf(story, records, { whole: nth + 1, behind: [] }) : expect([]);
      yield { what: `zeros from ${at} of ${file}`, files: withFile(files, file, zeroed), expected: rest };
      for (const mask of masks) {
        const flipped = bytes.slice();
        flipped[at]! ^= mask;
        yield {
          what: `byte ${at} of ${file} ^ ${mask}`,
          files: withFile(files, file, flipped),
          expected: expect(behind),
        };
      }
    }
  }
}

function withFile(files: Files, name: string, bytes: Uint8Array): Files {
  return new Map([...files, [name, bytes]]);
}

/** Opens the log; undefined where it was refused in the one way that a refusal may look. */
function outcomeOf(story: LogStory, disk: Disk): Expected | undefined {
  try {
    const { hardState, entries } = Wal.open(optionsOf(story, disk), story.snapshot ?? null).state;
    return { hardState, entries: [...entries] };
  } catch (error) {
    expect(error).toBeInstanceOf(StalemateError);
    expect((error as Error).message).toMatch(/^log-\d{16}\.wal is damaged at byte \d+: /);
    return undefined;
  }
}

function check(story: LogStory, wrong: Wrong, make: (files: Files) => Disk): 'refused' | 'recovered' {
  const disk = make(wrong.files);
  const outcome = outcomeOf(story, disk);
  expect([wrong.what, outcome]).toEqual([wrong.what, wrong.expected]);
  if (outcome === undefined) {
    const touched = [...wrong.files].filter(([name, bytes]) => Buffer.compare(disk.read(name)!, bytes) !== 0);
    expect([wrong.what, touched.map(([name]) => name)]).toEqual([wrong.what, []]);
    return 'refused';
  }
  // What was recovered is what the next recovery finds.
  expect([wrong.what, outcomeOf(story, disk)]).toEqual([wrong.what, outcome]);
  return 'recovered';
}

function filesOf(disk: Disk): Files {
  return new Map(disk.list().map((name) => [name, disk.read(name)!]));
}

describe('on the simulator’s disk', () => {
  const newDisk = (onDurable: (token: number) => void, clock = new VirtualClock()): SimDisk =>
    new SimDisk({ clock, syncNs: () => 1, onDurable });

  test.each(STORIES)('$name', async (story) => {
    const clock = new VirtualClock();
    let told: Wal | undefined;
    const original = newDisk((token) => told?.onDurable(token), clock);
    await tell(story, original, async (wal) => {
      told = wal;
      while (clock.step(clock.nowNs() + 1_000_000));
    });
    const make = (files: Files): SimDisk => {
      const disk = newDisk(() => undefined);
      for (const [name, bytes] of files) {
        disk.create(name);
        disk.append(name, bytes);
        disk.syncNow(name);
      }
      disk.syncFolder();
      return disk;
    };
    const records = placesOf(original);
    const outcomes = [...wrongLogs(story, filesOf(original), records, [0x01, 0x80, 0xff])].map((it) =>
      check(story, it, make),
    );
    expect(outcomes.length).toBeGreaterThan(250);
  });
});

describe('on real files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stalemate-every-byte-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (path: string, onDurable: (token: number) => void): FileDisk =>
    new FileDisk({
      folder: path,
      atTurnEnd: setImmediate,
      onDurable,
      onSyncFailed: (error) => {
        throw error;
      },
    });

  test.each(STORIES)('$name', async (story) => {
    let told: Wal | undefined;
    let durable = 0;
    let asked = 0;
    const path = join(folder, 'original');
    const real = open(path, (token) => {
      durable = token;
      told?.onDurable(token);
    });
    // A life that ends without `syncNow` leaves zeros behind its last byte: they are part of what recovery must get over.
    const watching = watchingSyncs(real, (token) => (asked = token));
    const untilDurable = async (): Promise<void> => {
      while (durable < asked) await new Promise((resolve) => setImmediate(resolve));
    };
    await tell(story, watching, (wal) => {
      told = wal;
      return untilDurable();
    });
    // What was written last may still be on its way to the file.
    await untilDurable();
    const files = new Map(readdirSync(path).map((name) => [name, Uint8Array.from(readFileSync(join(path, name)))]));
    let nth = 0;
    const make = (wrong: Files): FileDisk => {
      const copy = join(folder, String(nth++));
      mkdirSync(copy);
      for (const [name, bytes] of wrong) writeFileSync(join(copy, name), bytes);
      return open(copy, () => undefined);
    };
    const seen = { refused: 0, recovered: 0 };
    for (const wrong of wrongLogs(story, files, placesOf(real), [0xff])) {
      seen[check(story, wrong, make)]++;
      rmSync(join(folder, String(nth - 1)), { recursive: true });
    }
    expect(seen.refused + seen.recovered).toBeGreaterThan(150);
  });
});

function watchingSyncs(disk: FileDisk, onSync: (token: number) => void): Disk {
  return {
    list: () => disk.list(),
    read: (name) => disk.read(name),
    create: (name) => disk.create(name),
    append: (name, bytes) => disk.append(name, bytes),
    rename: (from, to) => disk.rename(from, to),
    remove: (name) => disk.remove(name),
    sync: (name, token) => {
      onSync(token);
      disk.sync(name, token);
    },
    writeBack: (name) => disk.writeBack(name),
    syncNow: (name) => disk.syncNow(name),
    syncFolder: () => disk.syncFolder(),
    crc32: (bytes, seed) => disk.crc32(bytes, seed),
  };
}
