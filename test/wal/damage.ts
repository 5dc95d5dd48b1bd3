/**
 * Logs to be damaged, and what core.md says of them, independently of the recovery: an oracle that replays the records in front of
 * the damage, and refuses where a whole record behind it attests it.
 */
import { crc32 } from 'node:zlib';
import { ALL_RULES } from '../../src/raft/rules.ts';
import type { Entry, HardState, SnapshotMark } from '../../src/raft/types.ts';
import type { Disk } from '../../src/replica/ports.ts';
import { type FoundRecord, readRecord } from '../../src/wal/records.ts';
import { Wal, type WalOptions } from '../../src/wal/wal.ts';

const configuration = { voters: ['n1'], outgoing: [], learners: [], addresses: {} };

const mark = (lastIncludedIndex: number, lastIncludedTerm: number): SnapshotMark => ({
  lastIncludedIndex,
  lastIncludedTerm,
  chain: lastIncludedIndex,
  configuration,
});

const entry = (index: number, term: number): Entry => ({
  index,
  term,
  kind: 'command',
  data: Uint8Array.of(index, term),
});

/** Lets every fsync that was asked for become durable, and tells the log. */
export type Settle = () => Promise<void>;

export interface LogStory {
  readonly name: string;
  readonly segmentBytes?: number;
  /** The newest snapshot in the folder, where there is one. */
  readonly snapshot?: SnapshotMark;
  readonly write: (wal: Wal, settle: Settle) => Promise<void>;
}

/** Tokens of syncs; they only have to rise. */
let lastToken = 0;

/** Each ends with other records. */
export const STORIES: readonly LogStory[] = [
  {
    name: 'three entries, none of them durable yet',
    write: async (wal) => {
      for (const index of [2, 3, 4]) put(wal, index);
    },
  },
  {
    name: 'an attested entry, one that is durable and not attested, one that is not durable',
    write: async (wal, settle) => {
      put(wal, 2);
      await settle();
      put(wal, 3);
      await settle();
      put(wal, 4);
    },
  },
  {
    name: 'a hard state between entries',
    write: async (wal, settle) => {
      put(wal, 2);
      await settle();
      wal.hardState({ term: 3, votedFor: 'n1' });
      wal.sync(++lastToken);
      await settle();
      put(wal, 3, 3);
    },
  },
  {
    name: 'the attestation of an idle log at its end',
    write: async (wal, settle) => {
      put(wal, 2);
      wal.hardState({ term: 4, votedFor: null });
      wal.sync(++lastToken);
      await settle();
      wal.attest(++lastToken);
      await settle();
    },
  },
  {
    name: 'entries that replace attested ones',
    write: async (wal, settle) => {
      for (const index of [2, 3, 4]) put(wal, index);
      await settle();
      put(wal, 3, 5);
      await settle();
      put(wal, 2, 6);
    },
  },
  {
    name: 'a segment that was begun a moment ago: its beginning is all there is in it',
    segmentBytes: 330,
    write: async (wal, settle) => {
      for (let index = 2; index <= 4; index++) put(wal, index);
      await settle();
    },
  },
  {
    name: 'a border between segments within the last three records',
    segmentBytes: 330,
    write: async (wal, settle) => {
      for (let index = 2; index <= 5; index++) put(wal, index);
      await settle();
    },
  },
  {
    name: 'a snapshot of the node itself: the log behind it goes on',
    segmentBytes: 400,
    snapshot: mark(9, 2),
    write: async (wal, settle) => {
      for (let index = 2; index <= 12; index++) put(wal, index);
      await settle();
      wal.compact(mark(9, 2));
      put(wal, 13);
      await settle();
      put(wal, 14);
    },
  },
  {
    name: 'the mark of a leader’s snapshot, and the reset of the log',
    snapshot: mark(7, 3),
    write: async (wal, settle) => {
      put(wal, 2);
      await settle();
      wal.reset(mark(7, 3), [entry(8, 3)]);
    },
  },
  {
    name: 'what follows a reset of the log',
    snapshot: mark(7, 3),
    write: async (wal, settle) => {
      wal.reset(mark(7, 3), []);
      put(wal, 8, 3);
      await settle();
      put(wal, 9, 3);
    },
  },
];

function put(wal: Wal, index: number, term: number = 2): void {
  wal.append([entry(index, term)]);
  wal.sync(++lastToken);
}

export function optionsOf({ segmentBytes }: LogStory, disk: Disk): WalOptions {
  return {
    disk,
    identity: { clusterId: 'c', id: 'n1' },
    rules: ALL_RULES,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  };
}

export async function tell(story: LogStory, disk: Disk, settle: (wal: Wal) => Promise<void>): Promise<void> {
  const born = { hardState: { term: 1, votedFor: null }, snapshot: mark(0, 0), entries: [entry(1, 1)] };
  const wal = Wal.create(optionsOf(story, disk), born);
  await story.write(wal, () => settle(wal));
}

/** One record with its place. */
export interface Place extends FoundRecord {
  readonly file: string;
  readonly begin: number;
}

/** Every record of the log, in order. */
export function placesOf(disk: Disk): readonly Place[] {
  const names = disk.list().filter((name) => name.endsWith('.wal'));
  return names.flatMap((file) => {
    const bytes = disk.read(file)!;
    const places: Place[] = [];
    for (let begin = 0; ;) {
      const found = readRecord(bytes, begin, baseOf(file), crc32);
      if (found === undefined) return places;
      places.push({ ...found, file, begin });
      begin = found.end;
    }
  });
}

const baseOf = (file: string): number => Number(/\d+/.exec(file)![0]);

export interface Expected {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

/**
 * What core.md says where the first `whole` records are whole and what comes then is bad or gone; the records of `behind` are whole
 * again. Undefined for a refusal.
 */
export function expectedOf(
  { snapshot }: LogStory,
  records: readonly Place[],
  { whole, behind }: { readonly whole: number; readonly behind: readonly Place[] },
): Expected | undefined {
  const last = records.at(-1)!.file;
  const kept = records.slice(0, whole);
  const [first] = records.slice(whole);
  if (first !== undefined) {
    // A segment but the last was durable before the next came to be, and every beginning before it had its name.
    if (first.file !== last) return undefined;
    const hasBeginning = kept.some(({ file, record }) => file === last && record.kind === 'attest');
    if (!hasBeginning) return undefined;
    const at = baseOf(first.file) + first.begin;
    if (behind.some(({ syncedThrough }) => syncedThrough > at)) return undefined;
  }
  return replay(kept, snapshot ?? mark(0, 0));
}

function replay(records: readonly Place[], { lastIncludedIndex: end, lastIncludedTerm }: SnapshotMark): Expected {
  let hardState: HardState = { term: 0, votedFor: null };
  let log: Entry[] = [];
  let begin = 0;
  let isReset = false;
  for (const { record } of records) {
    if (record.kind === 'hardState') hardState = record.hardState;
    if (record.kind === 'snapshot') begin = record.snapshot.lastIncludedIndex;
    if (record.kind === 'reset') [log, isReset] = [[], begin === end];
    if (record.kind === 'append') {
      const first = record.entries[0]?.index ?? Infinity;
      log = [...log.filter(({ index }) => index < first), ...record.entries];
    }
  }
  const belongs = end === 0 || isReset || log.some(({ index, term }) => index === end && term === lastIncludedTerm);
  return { hardState, entries: belongs ? log.filter(({ index }) => index > end) : [] };
}
