/** What is on the table of `harness.ts` and how it can be laid: messages on their way, answers to clients, options, and times. */
import { encodeUtf8 } from '../../src/base/utf8.ts';
import type { Rules } from '../../src/raft/rules.ts';
import type { Configuration, CoreOptions, Entry, Message, NodeId, RequestId } from '../../src/raft/types.ts';
import type { TableEvent } from './seat.ts';

export const MS = 1_000_000;
export const ELECTION_MIN_MS = 150;
export const ELECTION_MAX_MS = 300;
export const HEARTBEAT_MS = 50;

/** A message on its way. */
interface Posted<M extends Message> {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: M;
}
type Kind = Message['kind'];
/** A message of one kind on its way, by default of any. */
export type Envelope<K extends Kind = Kind> = Posted<Extract<Message, { kind: K }>>;

/** What a client was told: `accepted`, `ready`, or why not. */
export interface Answer {
  readonly node: NodeId;
  readonly requestId: RequestId;
  readonly said: string;
  readonly leader?: NodeId | null;
}

export interface TableOptions {
  /** `n1` … by number, or the names themselves. */
  readonly nodes?: number | readonly NodeId[];
  readonly rules?: Partial<Rules>;
  readonly core?: Partial<CoreOptions>;
  /** Terms of the entries in each log at the start, from index 1 on; the default is a new cluster. */
  readonly logs?: Readonly<Record<NodeId, readonly number[]>>;
  /** Everyone's currentTerm at the start, where `logs` are given. */
  readonly term?: number;
  readonly configuration?: Configuration;
  readonly draw?: (node: NodeId, term: number, attempt: number) => number;
  /** Bytes of a snapshot in one message. */
  readonly chunkBytes?: number;
  /** Told of everything that happens, in order. */
  readonly trace?: (node: NodeId, event: TableEvent) => void;
}

/** An entry whose data names its place, so that no two entries of different (index, term) are equal. */
export function entryOf(index: number, term: number): Entry {
  return { index, term, kind: 'command', data: encodeUtf8(`${index}@${term}`) };
}
