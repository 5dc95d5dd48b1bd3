/**
 * The log in memory: entries up to the last, without those that a snapshot made superfluous, the configuration that is in force
 * by them, and a hash chain over all of them. What of it is durable is not known here (see durability.ts).
 */
import { assert } from '../base/assert.ts';
import { decodeConfiguration } from './configuration.ts';
import type { Rules } from './rules.ts';
import type { Configuration, Entry, LogIndex, SnapshotMark, Term } from './types.ts';

/** How a candidate's log compares with a voter's: the last entries' terms first, then the length (Raft 5.4.1). */
interface LogEnd {
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
}

/** A Raft log. Indexes are the paper's: 1 is the first entry ever, 0 stands before it with term 0. */
export class Log {
  /** The entry before the first: it and all before it are in a snapshot, or there are none. */
  #base: { readonly index: LogIndex; readonly term: Term; readonly chain: number };
  readonly #entries: Entry[] = [];
  /** Chain hash of each entry. */
  readonly #chains: number[] = [];
  /** Every configuration that a truncation could bring back, oldest first; the last is in force. */
  readonly #configurations: { readonly index: LogIndex; readonly configuration: Configuration }[];

  readonly #rollsBack: boolean;

  constructor(
    { lastIncludedIndex: index, lastIncludedTerm: term, chain, configuration }: SnapshotMark,
    { configurationRollsBack }: Pick<Rules, 'configurationRollsBack'>,
  ) {
    this.#rollsBack = configurationRollsBack;
    this.#base = { index, term, chain };
    this.#configurations = [{ index, configuration }];
  }

  /** Where the log begins; what was before it is committed. */
  get firstIndex(): LogIndex {
    return this.#base.index + 1;
  }

  get lastIndex(): LogIndex {
    return this.firstIndex + this.#entries.length - 1;
  }

  get lastTerm(): Term {
    return this.#entries.at(-1)?.term ?? this.#base.term;
  }

  /** The latest configuration in the log, committed or not (Raft 6). */
  get configuration(): Configuration {
    return this.#configurations.at(-1)!.configuration;
  }

  /** Where the configuration in force stands: its entry, or the end of the snapshot that the log began with. */
  get configurationIndex(): LogIndex {
    return this.#configurations.at(-1)!.index;
  }

  /** The configuration that was in force with the entry at `index`, which is not before the log's beginning. */
  configurationAt(index: LogIndex): Configuration {
    return this.#configurations.findLast((it) => it.index <= index)!.configuration;
  }

  entry(index: LogIndex): Entry | undefined {
    return this.#entries[index - this.firstIndex];
  }

  /** The term of the entry at `index`, of the one before the first, or 0 at 0; undefined where the log does not reach. */
  termAt(index: LogIndex): Term | undefined {
    if (index === 0) return 0;
    return index === this.#base.index ? this.#base.term : this.entry(index)?.term;
  }

  /** The hash over this entry and all before it: equal at (index, term) wherever log matching (Raft 5.3) holds. */
  chainAt(index: LogIndex): number {
    return index === this.#base.index ? this.#base.chain : (this.#chains[index - this.firstIndex] ?? 0);
  }

  /** Entries from `from` to `to`, both included, as a new list. */
  slice(from: LogIndex, to: LogIndex): readonly Entry[] {
    return this.#entries.slice(Math.max(0, from - this.firstIndex), Math.max(0, to - this.firstIndex + 1));
  }

  /** Puts `entries` at their indexes. Whatever stood at the first one's index or beyond is gone, its configurations too. */
  append(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    assert(
      first.index >= this.firstIndex && first.index <= this.lastIndex + 1,
      () => `entry ${first.index} does not fit a log of ${this.firstIndex}..${this.lastIndex}`,
    );
    this.#truncate(first.index);
    for (const entry of entries) {
      assert(entry.index === this.lastIndex + 1, () => `entry ${entry.index} leaves a gap after ${this.lastIndex}`);
      this.#chains.push(chain(this.chainAt(entry.index - 1), entry));
      this.#entries.push(entry);
      if (entry.kind === 'configuration') {
        this.#configurations.push({ index: entry.index, configuration: decodeConfiguration(entry.data) });
      }
    }
  }

  /** Forgets the entries up to `upTo`: a snapshot holds what they did. */
  compact(upTo: LogIndex): void {
    if (upTo < this.firstIndex) return;
    assert(upTo <= this.lastIndex, () => `cannot forget up to ${upTo} of ${this.lastIndex} entries`);
    const base = { index: upTo, term: this.termAt(upTo)!, chain: this.chainAt(upTo) };
    const gone = upTo - this.#base.index;
    this.#entries.splice(0, gone);
    this.#chains.splice(0, gone);
    this.#base = base;
    const inForce = this.#configurations.findLastIndex((it) => it.index <= upTo);
    this.#configurations.splice(0, inForce);
  }

  #truncate(from: LogIndex): void {
    this.#entries.length = from - this.firstIndex;
    this.#chains.length = from - this.firstIndex;
    if (!this.#rollsBack) return;
    while (this.#configurations.at(-1)!.index >= from) this.#configurations.pop();
  }

  /** Whether a log with that end is at least as up to date as this one (Raft 5.4.1). */
  isUpToDate({ lastLogIndex, lastLogTerm }: LogEnd): boolean {
    return lastLogTerm > this.lastTerm || (lastLogTerm === this.lastTerm && lastLogIndex >= this.lastIndex);
  }

  /**
   * The last index at or before `index` whose term is at most `term`. Terms never fall along a log, so all entries between
   * have a greater term and cannot equal an entry of another log whose term there is at most `term`.
   */
  lastIndexUpToTerm(index: LogIndex, term: Term): LogIndex {
    let i = Math.min(index, this.lastIndex);
    while ((this.termAt(i) ?? 0) > term) i--;
    return i;
  }
}

/** FNV-1a over the chain so far, the term, the kind and the data: 32 bits, enough to notice, not meant to withstand malice. */
function chain(previous: number, { term, kind, data }: Entry): number {
  let hash = 0x811c9dc5;
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193);
  };
  for (const word of [previous, term, KIND_NUMBER[kind]]) {
    for (let shift = 0; shift < 32; shift += 8) mix((word >>> shift) & 0xff);
  }
  for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ data[i]!, 0x01000193);
  return hash >>> 0;
}

const KIND_NUMBER: Readonly<Record<Entry['kind'], number>> = { noop: 0, command: 1, configuration: 2 };
