/**
 * Which of this node's writes are durable, and what that makes safe to promise. Writes are numbered, first in first out,
 * and durability is a prefix of them; completions are matched by number and never by index, because an index may have been
 * truncated and written again while the first write was still on its way.
 */
import type { LogIndex, WriteId } from './types.ts';

export class Durability {
  /** The last entry of the present log that is known durable together with all before it. */
  durableIndex: LogIndex;
  #lastWrite: WriteId = 0;
  #durableWrite: WriteId = 0;
  #hardStateWrite: WriteId = 0;
  /** Appends under way. `lastIndex` ascends: a truncation lowers that of the earlier ones to what is left of them. */
  #appends: { readonly writeId: WriteId; lastIndex: LogIndex }[] = [];

  /** @param restoredIndex the last entry that recovery found, all of it durable. */
  constructor(restoredIndex: LogIndex) {
    this.durableIndex = restoredIndex;
  }

  hardStateWritten(): WriteId {
    return (this.#hardStateWrite = ++this.#lastWrite);
  }

  /** Entries `first` to `last` are being written and replace whatever stood at `first` or beyond. */
  appendWritten(first: LogIndex, last: LogIndex): WriteId {
    this.durableIndex = Math.min(this.durableIndex, first - 1);
    for (let k = this.#appends.length - 1; k >= 0 && this.#appends[k]!.lastIndex >= first; k--) {
      this.#appends[k]!.lastIndex = first - 1;
    }
    this.#appends.push({ writeId: ++this.#lastWrite, lastIndex: last });
    return this.#lastWrite;
  }

  /** The log was replaced, durably, by one that ends at `lastIndex`: appends still under way were to another. */
  logReplaced(lastIndex: LogIndex): void {
    this.#appends = [];
    this.durableIndex = lastIndex;
  }

  /** Every write up to `writeId` is durable. */
  completed(writeId: WriteId): void {
    this.#durableWrite = Math.max(this.#durableWrite, writeId);
    const open = this.#appends.findIndex((write) => write.writeId > writeId);
    const done = this.#appends.splice(0, open === -1 ? this.#appends.length : open);
    this.durableIndex = Math.max(this.durableIndex, done.at(-1)?.lastIndex ?? 0);
  }

  isDurable(writeId: WriteId): boolean {
    return writeId <= this.#durableWrite;
  }

  /** The write to wait for before term and vote may be promised; 0 if they are durable. */
  coveringHardState(): WriteId {
    return this.isDurable(this.#hardStateWrite) ? 0 : this.#hardStateWrite;
  }

  /** The write to wait for before the log up to `index` may be promised, whoever asked for it first; 0 if it is durable. */
  coveringLog(index: LogIndex): WriteId {
    if (index <= this.durableIndex) return 0;
    let k = this.#appends.length - 1;
    while (k > 0 && this.#appends[k - 1]!.lastIndex >= index) k--;
    return this.#appends[k]?.writeId ?? 0;
  }
}
