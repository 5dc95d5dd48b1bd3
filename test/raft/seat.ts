/** One node on the table: its core, its disk, and what is under way between the two; and what can be watched of it. */
import type { Raft } from '../../src/raft/raft.ts';
import type { Effect, Entry, Input, Message, NodeId, SnapshotMark, WriteId } from '../../src/raft/types.ts';
import type { TableDisk, Write } from './table-disk.ts';

/** What a core wanted done, when it is taken up; a message when it really leaves, or is held back; a write when it is durable. */
export type TableEvent =
  | Exclude<Effect, { kind: 'send' }>
  | { readonly kind: 'sent'; readonly to: NodeId; readonly message: Message }
  | { readonly kind: 'held'; readonly to: NodeId; readonly message: Message; readonly after: WriteId }
  | { readonly kind: 'durable'; readonly writeId: WriteId };

export interface Seat {
  raft: Raft;
  running: boolean;
  readonly disk: TableDisk;
  /** Writes that are not durable yet, oldest first. */
  unsynced: Write[];
  durableWrite: number;
  /** What effects lead to: told to the core after the step at hand. */
  inputs: Input[];
  saving: SnapshotMark | null;
  held: Extract<Effect, { kind: 'send' }>[];
  /** Entries handed to the state machine in this life. */
  applied: Entry[];
  unapplied: Entry[];
}

/** What a crash takes: all but the disk. */
export function newLife(raft: Raft): Omit<Seat, 'disk'> {
  const writes = { unsynced: [], durableWrite: 0, held: [], inputs: [], saving: null };
  return { raft, running: true, ...writes, applied: [], unapplied: [] };
}
