/**
 * The four session guarantees (Terry, Demers, Petersen, Spreitzer, Theimer, Welch 1994), register by register, for each client
 * against the order of versions that `version-order.ts` found:
 *
 * - read your writes: no read shows a value older than one that the client wrote before;
 * - monotonic reads: no read shows a value older than one that the client saw before;
 * - monotonic writes: no value that a client writes is older than one that it wrote before;
 * - writes follow reads: no value that a client writes is older than one that it saw before.
 *
 * A successful compare-and-set is a read of what it expected, then a write. One sweep over the events; what has returned is
 * before what is called after it.
 */
import { NEVER } from '../linear/columns.ts';
import { NONE } from '../linear/register-part.ts';
import { INITIAL, isObserver, isWrite, SEVERAL, UNWRITTEN, type ClientHistory } from './client-history.ts';
import { NO_RANK, type VersionOrder } from './version-order.ts';

/** The names of the session guarantees. */
export type SessionGuarantee = 'read-your-writes' | 'monotonic-reads' | 'monotonic-writes' | 'writes-follow-reads';

/** A pair of operations of one client that break a guarantee; operations by number. */
export interface SessionBreach {
  /** The earlier operation, which wrote or saw `newer`. */
  readonly first: number;
  /** The later one, which saw or wrote `older`. */
  readonly second: number;
  /** The writes of the two values; INITIAL for the value from the beginning. */
  readonly newer: number;
  readonly older: number;
}

/** What the sweep came to. */
export interface SessionFindings {
  /** By guarantee: how many operations break it, and the first that does. */
  readonly breaches: Readonly<Record<SessionGuarantee, { readonly count: number; readonly first?: SessionBreach }>>;
  /** Answered observers of values with several possible writers; of values that nobody wrote. */
  readonly several: number;
  readonly unwritten: number;
}

/** Holds a history against the session guarantees. */
export function sessionGuarantees(history: ClientHistory, order: VersionOrder): SessionFindings {
  return new Sweep(history, order).run();
}

class Sweep {
  readonly #history: ClientHistory;
  readonly #order: VersionOrder;
  /** By operation: the number of its client and register together. */
  readonly #slot: Int32Array;
  readonly #written: Newest;
  readonly #seen: Newest;
  readonly #found: Record<SessionGuarantee, { count: number; first?: SessionBreach }> = {
    'read-your-writes': { count: 0 },
    'monotonic-reads': { count: 0 },
    'monotonic-writes': { count: 0 },
    'writes-follow-reads': { count: 0 },
  };

  constructor(history: ClientHistory, order: VersionOrder) {
    const { slot, slots } = slotsOf(history);
    this.#history = history;
    this.#order = order;
    this.#slot = slot;
    this.#written = new Newest(slots, history, order);
    this.#seen = new Newest(slots, history, order);
  }

  run(): SessionFindings {
    const { events, source, ret } = this.#history;
    let several = 0;
    let unwritten = 0;
    for (const entry of events) {
      if (entry < 0) {
        this.#returned(~entry);
        continue;
      }
      this.#called(entry);
      if (ret[entry] === NEVER || !isObserver(this.#history, entry)) continue;
      if (source[entry] === SEVERAL) several++;
      if (source[entry] === UNWRITTEN) unwritten++;
    }
    return { breaches: this.#found, several, unwritten };
  }

  #called(operation: number): void {
    const slot = this.#slot[operation]!;
    const source = this.#history.source[operation]!;
    if (isObserver(this.#history, operation) && source >= INITIAL) {
      this.#compare('read-your-writes', this.#written, { slot, operation, version: source });
      this.#compare('monotonic-reads', this.#seen, { slot, operation, version: source });
    }
    if (isWrite(this.#history, operation)) {
      this.#compare('monotonic-writes', this.#written, { slot, operation, version: operation });
      this.#compare('writes-follow-reads', this.#seen, { slot, operation, version: operation });
    }
  }

  #returned(operation: number): void {
    const slot = this.#slot[operation]!;
    const source = this.#history.source[operation]!;
    if (isObserver(this.#history, operation) && source >= 0) this.#seen.add(slot, source, operation);
    if (isWrite(this.#history, operation)) this.#written.add(slot, operation, operation);
  }

  #compare(
    guarantee: SessionGuarantee,
    newest: Newest,
    { slot, operation, version }: { slot: number; operation: number; version: number },
  ): void {
    const place = newest.newerThan(slot, version, this.#order);
    if (place === NONE) return;
    const found = this.#found[guarantee];
    found.count++;
    found.first ??= { first: newest.by(place), second: operation, newer: newest.version(place), older: version };
  }
}

/**
 * By client and register the newest versions so far: that of the highest rank, the one whose write was invoked last, and the
 * last one of those without a rank. A version v is older than some version of the slot if it is older than one of these.
 */
class Newest {
  readonly #history: ClientHistory;
  readonly #order: VersionOrder;
  /** By slot three places. */
  readonly #versions: Int32Array;
  readonly #by: Int32Array;

  constructor(slots: number, history: ClientHistory, order: VersionOrder) {
    this.#history = history;
    this.#order = order;
    this.#versions = new Int32Array(3 * slots).fill(NONE);
    this.#by = new Int32Array(3 * slots).fill(NONE);
  }

  version(place: number): number {
    return this.#versions[place]!;
  }

  by(place: number): number {
    return this.#by[place]!;
  }

  add(slot: number, version: number, by: number): void {
    const { rank } = this.#order;
    const { call } = this.#history;
    const isLater = (place: number): boolean => {
      const known = this.#versions[place]!;
      return known === NONE || call[version]! > call[known]!;
    };
    const ranked = 3 * slot;
    const isRanked = rank[version] !== NO_RANK;
    if (isRanked && (this.#versions[ranked] === NONE || rank[version]! > rank[this.#versions[ranked]!]!))
      this.#set(ranked, version, by);
    if (isLater(ranked + 1)) this.#set(ranked + 1, version, by);
    if (!isRanked && isLater(ranked + 2)) this.#set(ranked + 2, version, by);
  }

  /** The place of a version that is certainly newer, or NONE. */
  newerThan(slot: number, version: number, { rank, inEffect }: VersionOrder): number {
    const ranked = 3 * slot;
    const { call } = this.#history;
    const isCalledAfter = (place: number): boolean => {
      const known = this.#versions[place]!;
      if (known === NONE || known === version) return false;
      return version === INITIAL || inEffect[version]! < call[known]!;
    };
    if (version === INITIAL) return this.#versions[ranked + 1] === NONE ? NONE : ranked + 1;
    if (rank[version] === NO_RANK) return isCalledAfter(ranked + 1) ? ranked + 1 : NONE;
    const top = this.#versions[ranked]!;
    if (top !== NONE && rank[top]! > rank[version]!) return ranked;
    return isCalledAfter(ranked + 2) ? ranked + 2 : NONE;
  }

  #set(place: number, version: number, by: number): void {
    this.#versions[place] = version;
    this.#by[place] = by;
  }
}

function slotsOf({ count, client, part, parts, clients }: ClientHistory): { slot: Int32Array; slots: number } {
  const slot = new Int32Array(count);
  if (clients * parts.length <= 4 * count + 1024) {
    for (let i = 0; i < count; i++) slot[i] = client[i]! * parts.length + part[i]!;
    return { slot, slots: clients * parts.length };
  }
  const numbers = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const key = client[i]! * parts.length + part[i]!;
    let number = numbers.get(key);
    if (number === undefined) numbers.set(key, (number = numbers.size));
    slot[i] = number;
  }
  return { slot, slots: numbers.size };
}
