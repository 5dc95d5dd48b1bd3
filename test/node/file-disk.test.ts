/** The Disk port on real files: what is asked for is on the disk, and tokens come in order. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileDisk } from '../../src/node/file-disk.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import type { Entry, SnapshotMark } from '../../src/raft/types.ts';
import { Wal } from '../../src/wal/wal.ts';

const NO_SNAPSHOT: SnapshotMark = {
  lastIncludedIndex: 0,
  lastIncludedTerm: 0,
  chain: 0,
  configuration: { voters: ['n1'], outgoing: [], learners: [], addresses: {} },
};

let folder: string;
let durable: number[];
let disk: FileDisk;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-disk-'));
  durable = [];
  disk = makeDisk();
});

afterEach(() => rmSync(folder, { recursive: true }));

function makeDisk(): FileDisk {
  return new FileDisk({
    folder: join(folder, 'data'),
    atTurnEnd: setImmediate,
    onDurable: (token) => durable.push(token),
    onSyncFailed: (error) => {
      throw error;
    },
  });
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function untilDurable(token: number): Promise<void> {
  while (durable.at(-1) !== token) await new Promise((resolve) => setImmediate(resolve));
}

test('what is appended can be read at once, and by the next life', () => {
  disk.create('log');
  disk.append('log', bytes('one '));
  disk.append('log', bytes('two'));
  expect(Buffer.from(disk.read('log')!).toString()).toBe('one two');
  disk.syncNow('log');
  const next = makeDisk();
  next.append('log', bytes(' three'));
  expect(Buffer.from(next.read('log')!).toString()).toBe('one two three');
});

test('a life that ends without syncNow leaves zeros behind its last byte, and nothing else', () => {
  disk.create('log');
  disk.append('log', bytes('one'));
  expect(Buffer.from(disk.read('log')!).toString()).toBe('one');
  const left = makeDisk().read('log')!;
  expect(Buffer.from(left.subarray(0, 3)).toString()).toBe('one');
  expect(left.length).toBeGreaterThan(100_000);
  expect(left.subarray(3).every((byte) => byte === 0)).toBe(true);
});

test('a log that was in use when its node died is recovered, over several segments and the zeros behind the last one', async () => {
  const options = { disk, identity: { clusterId: 'c', id: 'n1' }, rules: ALL_RULES, segmentBytes: 8_000 };
  const entry = (index: number): Entry => ({ index, term: 1, kind: 'command', data: bytes(`entry ${index}`) });
  const start = { hardState: { term: 1, votedFor: null }, snapshot: NO_SNAPSHOT, entries: [] };
  const wal = Wal.create(options, start);
  for (let token = 1; token <= 1000; token++) {
    wal.append([entry(token)]);
    wal.sync(token);
  }
  await untilDurable(1000);
  const { state } = Wal.open({ ...options, disk: makeDisk() });
  expect(state.entries.map(({ index }) => index)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
  expect(makeDisk().list().length).toBeGreaterThan(2);
});

test('a file that is written beside the log, in pieces that are synced at once, leaves the log as it is', async () => {
  const expected: string[] = [];
  disk.create('log');
  for (let token = 1; token <= 20; token++) {
    disk.append('log', bytes(`entry ${token};`));
    disk.sync('log', token);
    expected.push(`entry ${token};`);
    if (token === 1) disk.create('snapshot.tmp');
    disk.append('snapshot.tmp', bytes(`slice ${token};`));
    disk.syncNow('snapshot.tmp');
  }
  disk.rename('snapshot.tmp', 'snapshot');
  await untilDurable(20);
  expect(Buffer.from(disk.read('log')!).toString().replace(/\0+$/, '')).toBe(expected.join(''));
  expect(Buffer.from(disk.read('snapshot')!).toString()).toBe(expected.join('').replaceAll('entry', 'slice'));
});

test('a file that is not there reads as undefined', () => {
  expect(disk.read('nothing')).toBeUndefined();
});

test('tokens become durable in the order of the calls, over several files', async () => {
  disk.create('a');
  disk.create('b');
  for (let token = 1; token <= 60; token++) {
    const name = token % 3 === 0 ? 'a' : 'b';
    disk.append(name, bytes('x'.repeat(1000)));
    disk.sync(name, token);
    if (token % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await untilDurable(60);
  expect(durable).toEqual([...durable].sort((x, y) => x - y));
});

test('syncs that are asked for together share one fsync', async () => {
  disk.create('log');
  for (let token = 1; token <= 100; token++) {
    disk.append('log', bytes('entry'));
    disk.sync('log', token);
  }
  await untilDurable(100);
  expect(durable).toEqual([100]);
});

test('what is appended while an fsync runs waits for its end, and then is written though nobody asks for another', async () => {
  const path = join(folder, 'data', 'log');
  const onDisk = (): string => readFileSync(path, 'utf8').replace(/\0+$/, '');
  disk.create('log');
  disk.append('log', bytes('one '));
  disk.sync('log', 1);
  // Its end of turn was asked for after that of the disk: by then the fsync is on its way.
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      expect(onDisk()).toBe('one ');
      disk.append('log', bytes('two'));
      expect(onDisk()).toBe('one ');
      resolve();
    });
  });
  await untilDurable(1);
  expect(onDisk()).toBe('one two');
});

test('a renamed file goes on under its new name, and what it replaced is gone', async () => {
  disk.create('log');
  disk.append('log', bytes('old'));
  disk.create('log.new');
  disk.append('log.new', bytes('new'));
  disk.syncNow('log.new');
  disk.rename('log.new', 'log');
  disk.syncFolder();
  disk.append('log', bytes(' and more'));
  disk.sync('log', 1);
  await untilDurable(1);
  expect(disk.list()).toEqual(['log']);
  expect(readFileSync(join(folder, 'data', 'log'), 'utf8').replace(/\0+$/, '')).toBe('new and more');
});

test('a file that is removed while its fsync is asked for still reports its token', async () => {
  disk.create('log');
  disk.append('log', bytes('entry'));
  disk.sync('log', 1);
  disk.remove('log');
  await untilDurable(1);
  expect(disk.list()).toEqual([]);
});

test('a failed fsync is told before its token is reported, and only once', async () => {
  const told: string[] = [];
  const bad = new FileDisk({
    folder: join(folder, 'data'),
    atTurnEnd: setImmediate,
    onDurable: (token) => {
      told.push(`durable ${token}`);
      durable.push(token);
    },
    onSyncFailed: (error) => told.push(error.message),
  });
  // The system takes what is written there, and has nothing to sync.
  symlinkSync('/dev/null', join(folder, 'data', 'log'));
  bad.create('log');
  bad.append('log', bytes('entry'));
  bad.sync('log', 1);
  await untilDurable(1);
  expect(told).toEqual(['EINVAL: invalid argument, fdatasync', 'durable 1']);
});

test('CRC-32 is the IEEE one and can be continued', () => {
  expect(disk.crc32(bytes('123456789'))).toBe(0xcbf43926);
  expect(disk.crc32(bytes('6789'), disk.crc32(bytes('12345')))).toBe(0xcbf43926);
});

test('a name that leaves the folder is refused', () => {
  expect(() => disk.create('../escape')).toThrow('not a plain file name');
});
