/**
 * The state machine as the replica keeps it: entries are applied to it, snapshots are written of it, sent from it, and take its place.
 */
import type { Nanos } from '../base/time.ts';
import { type ApplyResult, KvMachine } from '../kv/machine.ts';
import { encodeState } from '../kv/snapshot.ts';
import type { Rules } from '../raft/rules.ts';
import type { Effect, Entry, LogIndex, SnapshotMark } from '../raft/types.ts';
import type { FoundSnapshot, SnapshotFiles } from '../wal/snapshot-files.ts';
import { WireError } from '../wire/bytes.ts';
import { machineOf } from './data-folder.ts';
import type { Observer } from './ports.ts';
import { type SavedSnapshot, type SnapshotPolicy, Snapshots } from './snapshots.ts';

interface StateMachineOptions {
  readonly machine: KvMachine;
  readonly files: SnapshotFiles;
  readonly policy: SnapshotPolicy;
  readonly rules: Rules;
  readonly observer: Observer;
  /** A hash of the state is told of after every so many entries; Infinity for never, because it walks the whole state. */
  readonly hashEveryEntries: number;
}

export class StateMachine {
  readonly #files: SnapshotFiles;
  readonly #snapshots: Snapshots;
  readonly #policy: SnapshotPolicy;
  readonly #rules: Rules;
  readonly #observer: Observer;
  readonly #hashEveryEntries: number;
  #kv: KvMachine;

  constructor({ machine, files, policy, rules, observer, hashEveryEntries }: StateMachineOptions) {
    this.#kv = machine;
    this.#files = files;
    this.#snapshots = new Snapshots(files, policy);
    this.#policy = policy;
    this.#rules = rules;
    this.#observer = observer;
    this.#hashEveryEntries = hashEveryEntries;
  }

  get kv(): KvMachine {
    return this.#kv;
  }

  /** When `work` is wanted. */
  get deadlineNs(): Nanos {
    return this.#snapshots.deadlineNs;
  }

  /** Applies committed entries in order and tells of each what it came to. */
  apply(entries: readonly Entry[], tell: (entry: Entry, result: ApplyResult) => void): void {
    for (const entry of entries) {
      const result = this.#kv.apply(entry);
      if (result.kind === 'output' && result.changed !== null) {
        const { key, value } = result.changed;
        this.#observer.probe({ kind: 'apply', index: entry.index, key, value });
      }
      if (entry.index % this.#hashEveryEntries === 0) this.#probeState();
      tell(entry, result);
    }
    this.#snapshots.applied(entries);
  }

  /** What would come of it if these entries, the next ones, were applied: the state, and the last one's result. Nothing changes. */
  ahead(entries: readonly Entry[]): { readonly kv: KvMachine; readonly result: ApplyResult } {
    const kv = KvMachine.from(this.#kv.state(), { lastApplied: this.#kv.lastApplied, rules: this.#rules });
    const results = entries.map((entry) => kv.apply(entry));
    return { kv, result: results.at(-1) ?? { kind: 'nothing' } };
  }

  /** Whether a snapshot is due; true once for each. */
  takeSnapshotDue(): boolean {
    return this.#snapshots.takeDue();
  }

  /** Begins to write a snapshot of the state as it is now. */
  beginSnapshot(snapshot: SnapshotMark, nowNs: Nanos): void {
    const slices = encodeState(this.#kv.state(), { rules: this.#rules, pieceBytes: this.#policy.sliceBytes });
    this.#snapshots.begin(snapshot, slices, nowNs);
  }

  /** Writes a slice of the snapshot, if it is time; the snapshot, once it is durable. */
  work(nowNs: Nanos, durableIndex: LogIndex): SavedSnapshot | null {
    const saved = this.#snapshots.work(nowNs, durableIndex);
    if (saved !== null) this.#probe(saved, false);
    return saved;
  }

  chunk(effect: Extract<Effect, { kind: 'sendSnapshot' }>): ReturnType<Snapshots['chunk']> {
    return this.#snapshots.chunk(effect);
  }

  /** Lets go of bytes that are sent to nobody any more. */
  keepOnly(inTransfer: readonly LogIndex[]): void {
    this.#snapshots.keepOnly(inTransfer);
  }

  /** The newest snapshot's predecessors go, but for those that are being sent. */
  removeOld(newest: LogIndex, inTransfer: readonly LogIndex[]): void {
    this.#files.removeAllBut(new Set([newest, ...inTransfer]));
  }

  receive({ offset, data }: Extract<Effect, { kind: 'receiveSnapshot' }>): void {
    this.#files.receive(offset, data);
  }

  /**
   * The received snapshot takes the state's place: values, sessions and configuration as one. Null where the bytes were no snapshot.
   * @param sync makes durable what the log has promised so far, because the snapshot may be of a later term
   */
  install(place: Extract<Effect, { kind: 'installSnapshot' }>, sync: () => void): SnapshotMark | null {
    const found = this.#files.received(place);
    const machine = found && readMachine(found, this.#rules);
    if (found === undefined || machine === undefined) return null;
    sync();
    this.#files.publishReceived(found.snapshot);
    this.#snapshots.abandon();
    this.#kv = machine;
    this.#probe(found, true);
    return found.snapshot;
  }

  #probeState(): void {
    this.#observer.probe({ kind: 'state', index: this.#kv.lastApplied, hash: this.#kv.stateHash() });
  }

  #probe({ snapshot, hash }: SavedSnapshot, installed: boolean): void {
    const { lastIncludedIndex: index, lastIncludedTerm: entryTerm, chain } = snapshot;
    this.#observer.probe({ kind: 'snapshot', index, entryTerm, chain, hash, installed });
  }
}

/** Undefined where the bytes came whole and still are no state machine of this version. */
function readMachine(found: FoundSnapshot, rules: Rules): KvMachine | undefined {
  try {
    return machineOf(found, rules);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
