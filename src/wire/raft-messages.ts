/**
 * Raft messages as bytes: one kind byte, then the fields in the order of their declaration. Entries have the same layout
 * here and in the log on disk.
 */
import type { Entry, Message } from '../raft/types.ts';
import { ByteReader, ByteWriter, WireError } from './bytes.ts';

/** The place in this list is the kind byte: only ever add at the end. */
const KINDS = [
  'requestVote',
  'requestVoteReply',
  'appendEntries',
  'appendEntriesReply',
  'installSnapshot',
  'installSnapshotReply',
  'timeoutNow',
] as const satisfies readonly Message['kind'][];

const ENTRY_KINDS = ['noop', 'command', 'configuration'] as const satisfies readonly Entry['kind'][];

export function encodeMessage(message: Message): Uint8Array {
  const writer = new ByteWriter().u8(KINDS.indexOf(message.kind)).varint(message.term);
  writeFields(writer, message);
  return writer.finish();
}

/** Throws WireError on bytes that are no message. Byte strings in the result are views of `payload`. */
export function decodeMessage(payload: Uint8Array): Message {
  const reader = new ByteReader(payload);
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new WireError('a message kind that does not exist');
  const message = readFields(reader, kind, reader.varint());
  reader.end();
  return message;
}

/** Appends one entry to `writer`. */
export function writeEntry(writer: ByteWriter, entry: Entry): void {
  writer.varint(entry.index).varint(entry.term).u8(ENTRY_KINDS.indexOf(entry.kind)).blob(entry.data);
}

/** Reads what `writeEntry` wrote; `data` is a view. */
export function readEntry(reader: ByteReader): Entry {
  const index = reader.varint();
  const term = reader.varint();
  const kind = ENTRY_KINDS[reader.u8()];
  if (kind === undefined) throw new WireError('an entry kind that does not exist');
  return { index, term, kind, data: reader.blob() };
}

function writeFields(writer: ByteWriter, message: Message): void {
  switch (message.kind) {
    case 'requestVote':
      writer.text(message.candidateId).varint(message.lastLogIndex).varint(message.lastLogTerm);
      writer.flag(message.pre).flag(message.transfer);
      return;
    case 'requestVoteReply':
      writer.flag(message.granted).flag(message.pre).varint(message.asked);
      return;
    case 'appendEntries':
      writer.text(message.leaderId).varint(message.prevLogIndex).varint(message.prevLogTerm);
      writer.varint(message.entries.length);
      for (const entry of message.entries) writeEntry(writer, entry);
      writer.varint(message.leaderCommit).varint(message.round);
      return;
    case 'appendEntriesReply':
      writer.flag(message.success).varint(message.matchIndex).varint(message.round);
      writer.varint(message.rejectedIndex).varint(message.conflictTerm).varint(message.conflictIndex);
      return;
    case 'installSnapshot':
      writer.text(message.leaderId).varint(message.lastIncludedIndex).varint(message.lastIncludedTerm);
      writer.varint(message.offset).blob(message.data).flag(message.done);
      return;
    case 'installSnapshotReply':
      writer.varint(message.lastIncludedIndex).varint(message.lastIncludedTerm);
      writer.varint(message.offset).flag(message.installed);
      return;
    case 'timeoutNow':
      return;
  }
}

function readAppendEntries(reader: ByteReader, term: number): Message {
  const leaderId = reader.text();
  const prevLogIndex = reader.varint();
  const prevLogTerm = reader.varint();
  const entries = reader.list(readEntry);
  if (!isInOrder(entries, { index: prevLogIndex, term: 0 }, term)) throw new WireError('entries out of order');
  const leaderCommit = reader.varint();
  const round = reader.varint();
  return { kind: 'appendEntries', term, leaderId, prevLogIndex, prevLogTerm, entries, leaderCommit, round };
}

/** Whether the entries follow one upon the other, and none is of a later term than the message that brings it. */
function isInOrder(entries: readonly Entry[], before: Pick<Entry, 'index' | 'term'>, term: number): boolean {
  let last = before;
  return entries.every((entry) => {
    const follows = entry.index === last.index + 1 && entry.term >= last.term && entry.term <= term;
    last = entry;
    return follows;
  });
}

function readFields(reader: ByteReader, kind: Message['kind'], term: number): Message {
  switch (kind) {
    case 'requestVote':
      return {
        kind,
        term,
        candidateId: reader.text(),
        lastLogIndex: reader.varint(),
        lastLogTerm: reader.varint(),
        pre: reader.flag(),
        transfer: reader.flag(),
      };
    case 'requestVoteReply':
      return { kind, term, granted: reader.flag(), pre: reader.flag(), asked: reader.varint() };
    case 'appendEntries':
      return readAppendEntries(reader, term);
    case 'appendEntriesReply':
      return {
        kind,
        term,
        success: reader.flag(),
        matchIndex: reader.varint(),
        round: reader.varint(),
        rejectedIndex: reader.varint(),
        conflictTerm: reader.varint(),
        conflictIndex: reader.varint(),
      };
    case 'installSnapshot':
      return {
        kind,
        term,
        leaderId: reader.text(),
        lastIncludedIndex: reader.varint(),
        lastIncludedTerm: reader.varint(),
        offset: reader.varint(),
        data: reader.blob(),
        done: reader.flag(),
      };
    case 'installSnapshotReply':
      return {
        kind,
        term,
        lastIncludedIndex: reader.varint(),
        lastIncludedTerm: reader.varint(),
        offset: reader.varint(),
        installed: reader.flag(),
      };
    case 'timeoutNow':
      return { kind, term };
  }
}
