/**
 * Every log entry that any node ever told of, each once. By log matching an (index, term) stands for a whole log, so an entry
 * knows the one before it, and the log of a restarted node is found from its last entry alone.
 */

/** One entry. Equal entries are the same object. */
export interface LogEntry {
  readonly index: number;
  readonly term: number;
  /** Hash over this entry and all before it. */
  readonly chain: number;
  /** Undefined where no probe told of it, or the log begins here. */
  readonly before: LogEntry | undefined;
}

export class EntryTable {
  /** By index, the entries of different terms there: mostly one. */
  readonly #at: LogEntry[][] = [];

  /** The entry with that index, term and chain, and the chain first known for (index, term). A new one where chains differ. */
  add(entry: LogEntry): { readonly entry: LogEntry; readonly known: number | undefined } {
    const here = (this.#at[entry.index] ??= []);
    const known = here.find((it) => it.term === entry.term);
    if (known === undefined) here.push(entry);
    return { entry: known?.chain === entry.chain ? known : entry, known: known?.chain };
  }

  /** The log that ends with this entry, by index, as far back as it is known. */
  logUpTo(lastIndex: number, lastTerm: number): (LogEntry | undefined)[] {
    const log: (LogEntry | undefined)[] = Array.from({ length: lastIndex + 1 });
    let entry = this.#at[lastIndex]?.find((it) => it.term === lastTerm);
    for (; entry !== undefined; entry = entry.before) log[entry.index] = entry;
    return log;
  }
}

/** How a log ends; `last` is undefined where no probe told of its last entry, or there is none. */
export interface LogEnd {
  readonly lastIndex: number;
  readonly last: LogEntry | undefined;
}

export function endOf(log: readonly (LogEntry | undefined)[]): LogEnd {
  return { lastIndex: log.length - 1, last: log.at(-1) };
}

/** Whether the log that ends so is known not to hold the entry. */
export function lacks(log: LogEnd, wanted: LogEntry): boolean {
  if (log.lastIndex < wanted.index) return true;
  let entry = log.last;
  while (entry !== undefined && entry.index > wanted.index) entry = entry.before;
  return entry !== undefined && entry !== wanted;
}
