/**
 * Decides a set that is never read as a whole. Its values do not influence each other, so each is judged alone (locality), as one
 * bit: in or out. Where one operation at most can bring a value in and one at most can take it out, that is a matter of two
 * instants, in O(n) for all values. Otherwise the value is a register of two values, and the register's engine has the word.
 *
 * Let the value come in at x and go out at y. A HAS stands between the two, a LACKS before x or after y. The best x is the
 * latest: just before the first return of what must come after it. The best y is the earliest after x, the last call of a HAS, and
 * the call of what takes it out. For a LACKS needs its call before x, which a later x serves, or its return after y; and where a later
 * x makes y later they meet, and of an instant each LACKS is on one side or the other.
 */
import { NEVER } from '../history/table.ts';
import { decideRegister } from '../linear/decide.ts';
import { CAS, READ, WRITE } from '../linear/register-part.ts';
import type { Budget } from '../verdict/verdict.ts';
import { DROP, HAS, INSERT, LACKS, NONE, NOTHING, PUT, TAKE, type CollectionPart } from './collection-part.ts';
import type { CollectionFault, Monitored } from './monitored.ts';
import { timesOf } from './projection.ts';

/** Bounds the register's engine for one value. */
const ONE_VALUE: Budget = { maxSteps: 200_000, maxBytes: 1 << 24 };

/** Decides a set, or leaves it open. */
export function decideSet(part: CollectionPart): Monitored | undefined {
  return new Deciding(part).run();
}

class Deciding {
  readonly #part: CollectionPart;
  /** By operation: it takes effect just after this event. */
  readonly #instant: Int32Array;
  /** Operations of one value after another, each value's in order. */
  readonly #sequence: Int32Array;
  #size = 0;

  constructor(part: CollectionPart) {
    this.#part = part;
    this.#instant = new Int32Array(part.count);
    this.#sequence = new Int32Array(part.count);
  }

  run(): Monitored | undefined {
    const { starts, operations } = byValue(this.#part);
    let isOpen = false;
    for (let v = 0; v < this.#part.values; v++) {
      if (starts[v] === starts[v + 1]) continue;
      const fault = this.#value(operations.subarray(starts[v], starts[v + 1]));
      if (fault === 'open') isOpen = true;
      else if (fault !== undefined)
        return { kind: 'violation', class: fault, values: [v], empties: [], needsTakes: false };
    }
    return isOpen ? undefined : { kind: 'ok', order: this.#inOrder(), took: undefined };
  }

  #value(operations: Int32Array): CollectionFault | 'open' | undefined {
    const { kind } = this.#part;
    let up = NONE;
    let down = NONE;
    for (const i of operations) {
      if (kind[i] === PUT || kind[i] === INSERT) {
        if (up !== NONE) return this.#register(operations);
        up = i;
      } else if (kind[i] === TAKE || kind[i] === DROP) {
        if (down !== NONE) return this.#register(operations);
        down = i;
      }
    }
    return this.#bit(operations, { up, down });
  }

  /** A value that at most one operation brings in and at most one takes out. */
  #bit(
    operations: Int32Array,
    { up, down }: { readonly up: number; readonly down: number },
  ): CollectionFault | undefined {
    const { kind, call, ret, end } = this.#part;
    let seenBy = NEVER;
    let seenFrom = NONE;
    for (const i of operations) {
      if (ret[i] === NEVER || (kind[i] !== HAS && kind[i] !== TAKE)) continue;
      seenBy = Math.min(seenBy, ret[i]!);
      if (kind[i] === HAS) seenFrom = Math.max(seenFrom, call[i]!);
    }
    if (up === NONE) {
      if (seenBy !== NEVER) return 'never-put';
      this.#place(operations, { up, down, x: end, y: NEVER });
      return undefined;
    }
    const latest = Math.min(ret[up]!, seenBy, end) - 1;
    if (latest < call[up]!) return 'future';
    if (down !== NONE) {
      const x = Math.min(latest, ret[down]! - 1);
      const y = Math.max(call[down]!, seenFrom, x);
      if (call[up]! <= x && y < ret[down]! && this.#holds(operations, x, y)) {
        this.#place(operations, { up, down, x, y });
        return undefined;
      }
      // What drops a value that is not in changes nothing: then it comes before x.
      if (kind[down] === TAKE || call[down]! > latest) return 'no-order';
    }
    if (!this.#holds(operations, latest, NEVER)) return 'lost';
    this.#place(operations, { up, down, x: latest, y: NEVER });
    return undefined;
  }

  /** True if each LACKS can stand before x or after y. */
  #holds(operations: Int32Array, x: number, y: number): boolean {
    const { kind, call, ret } = this.#part;
    return operations.every((i) => kind[i] !== LACKS || ret[i] === NEVER || call[i]! <= x || ret[i]! > y);
  }

  #place(
    operations: Int32Array,
    { up, down, x, y }: { readonly up: number; readonly down: number; readonly x: number; readonly y: number },
  ): void {
    const { kind, call, ret } = this.#part;
    const isSeen = (i: number): boolean => ret[i] !== NEVER && (kind[i] === HAS || kind[i] === LACKS);
    const isEarly = (i: number): boolean => kind[i] === LACKS && call[i]! <= x;
    for (const i of operations) if (isSeen(i) && isEarly(i)) this.#emit(i, call[i]!);
    if (down !== NONE && y === NEVER && ret[down] !== NEVER) this.#emit(down, call[down]!);
    if (up !== NONE) this.#emit(up, x);
    for (const i of operations) if (isSeen(i) && kind[i] === HAS) this.#emit(i, Math.max(call[i]!, x));
    if (y === NEVER) return;
    if (down !== NONE) this.#emit(down, y);
    for (const i of operations) if (isSeen(i) && kind[i] === LACKS && !isEarly(i)) this.#emit(i, Math.max(call[i]!, y));
  }

  #emit(i: number, instant: number): void {
    this.#sequence[this.#size++] = i;
    this.#instant[i] = instant;
  }

  /** A value that may come in and go out several times: a register that is out at first. */
  #register(operations: Int32Array): CollectionFault | 'open' | undefined {
    const { kind, call, ret } = this.#part;
    const kept = operations.filter(
      (i) => kind[i] !== NOTHING && (ret[i] !== NEVER || (kind[i] !== HAS && kind[i] !== LACKS)),
    );
    const decision = decideRegister(
      {
        ...timesOf(this.#part, kept),
        kind: Uint8Array.from(kept, (i) =>
          kind[i] === HAS || kind[i] === LACKS ? READ : kind[i] === PUT || kind[i] === DROP ? WRITE : CAS,
        ),
        needs: kept.map((i) =>
          kind[i] === HAS || kind[i] === TAKE ? 1 : kind[i] === LACKS || kind[i] === INSERT ? 0 : NONE,
        ),
        leaves: kept.map((i) =>
          kind[i] === PUT || kind[i] === INSERT ? 1 : kind[i] === TAKE || kind[i] === DROP ? 0 : NONE,
        ),
        values: ['out', 'in'],
      },
      ONE_VALUE,
    );
    if (decision.kind !== 'ok') return decision.kind === 'violation' ? 'no-order' : 'open';
    let now = 0;
    for (let at = 0; at < decision.order.length; at++) {
      const i = kept[decision.order[at]!]!;
      now = Math.max(now, call[i]!);
      this.#emit(i, now);
    }
    return undefined;
  }

  /** All operations by instant; those of one instant stay as they are. */
  #inOrder(): Int32Array {
    const { end } = this.#part;
    const starts = new Int32Array(end + 1);
    for (let at = 0; at < this.#size; at++) starts[this.#instant[this.#sequence[at]!]! + 1]!++;
    for (let event = 0; event < end; event++) starts[event + 1]! += starts[event]!;
    const order = new Int32Array(this.#size);
    for (let at = 0; at < this.#size; at++) {
      const i = this.#sequence[at]!;
      order[starts[this.#instant[i]!]!++] = i;
    }
    return order;
  }
}

/** The operations of each value, in order of call. */
function byValue({ count, value, values }: CollectionPart): {
  readonly starts: Int32Array;
  readonly operations: Int32Array;
} {
  const starts = new Int32Array(values + 1);
  for (let i = 0; i < count; i++) if (value[i] !== NONE) starts[value[i]! + 1]!++;
  for (let v = 0; v < values; v++) starts[v + 1]! += starts[v]!;
  const operations = new Int32Array(starts[values]!);
  const next = starts.slice();
  for (let i = 0; i < count; i++) if (value[i] !== NONE) operations[next[value[i]!]!++] = i;
  return { starts, operations };
}
