/**
 * Orders an unambiguous stack in O(n log n): decrease and conquer (Lee & Mathur, "Efficient Decrease-and-Conquer Linearizability
 * Monitoring", OOPSLA 2025; Abdulla et al., "Efficient Linearizability Monitoring", PLDI 2025).
 *
 * A value's zone reaches from its push's return to its pop's call: there it is certainly in. Five facts, intervals tightened as in
 * lives.ts, with real pops at the end for what is never popped:
 * 1. A value without a zone (its pop is called before its push returns) can be pushed and popped in one instant between
 *    the two, wherever the others are. So it is put aside, and put back when the others have their instants.
 * 2. A gap, an instant that no zone covers, splits the rest: the values with zones before it wholly before those with zones after
 *    it. Given any linearization, the operations of the former in their order and then those of the latter are one too: the former
 *    have all been called by the gap, the latter all return after it, and leaving out values leaves a stack's order legal.
 * 3. Without a gap between the first push's return a and the last pop's call b of some values, one of them is at the bottom all
 *    the time: where the stack is empty between two values in a linearization, each zone lies before that instant or after it.
 * 4. Its push can come first and its pop last: it was called before a, and its pop returns after b.
 * 5. Any value with 4 will do: around a linearization of the others its push and pop can always be set.
 * So: split at the gaps, take away a bottom value of each piece, and split what is left. A piece that has none is a
 * violation, and so is the chain of its zones that covers a to b.
 *
 * Pieces only shrink, so a only grows and b only falls, and whoever has met a half of 4 meets it for good. Each value is
 * therefore looked at a constant number of times; trees find the ones that newly meet it, and the gaps that open.
 */
import { NONE, type CollectionPart } from './collection-part.ts';
import { coverOf, type Cuts } from './gaps.ts';
import type { Lives } from './lives.ts';
import { CountTree, LEAST, MaxTree } from './trees.ts';

/** Values whose operations alone no stack can have answered. */
export interface NoBottom {
  readonly values: readonly number[];
}

/** A linearization as operation numbers, or values that no stack can have given back like that. */
export function orderStack(part: CollectionPart, events: Int32Array, lives: Lives, cuts: Cuts): Int32Array | NoBottom {
  const zones = zonesOf(part, events, lives);
  const nest = new Nesting(part, lives, zones).run(cuts);
  return 'values' in nest ? nest : merged(part, events, lives, nest);
}

/** The values with a zone, ranked by where it begins. */
interface Zones {
  readonly byRank: Int32Array;
  /** By rank: how many zones cover the beginning of this one, and the last rank whose beginning this one covers. */
  readonly covering: Int32Array;
  readonly reach: Int32Array;
}

function zonesOf(part: CollectionPart, events: Int32Array, { putReturn, takeCall }: Lives): Zones {
  const byRank: number[] = [];
  const covering: number[] = [];
  const rankOf = new Int32Array(part.values);
  const reach: number[] = [];
  let open = 0;
  for (let event = 0; event < events.length; event++) {
    const entry = events[event]!;
    const v = entry === NONE ? NONE : part.value[entry >> 1]!;
    if (v === NONE) continue;
    if (putReturn[v] === event && takeCall[v]! > event) {
      rankOf[v] = byRank.length;
      covering.push(open++);
      reach.push(NONE);
      byRank.push(v);
    } else if (takeCall[v] === event && putReturn[v]! < event) {
      reach[rankOf[v]!] = byRank.length - 1;
      open--;
    }
  }
  const last = byRank.length - 1;
  return {
    byRank: Int32Array.from(byRank),
    covering: Int32Array.from(covering),
    reach: Int32Array.from(reach, (rank) => (rank === NONE ? last : rank)),
  };
}

/** The operations of values with a zone and the `empty` answers in their order, with the instant of each. */
interface Nest {
  readonly order: Int32Array;
  readonly instant: Int32Array;
  readonly size: number;
}

/** What stands in a task in place of the last rank of a piece. */
const POP = -1;

/** Halves of fact 4. */
const FIRST = 1;
const LAST = 2;

class Nesting {
  readonly #part: CollectionPart;
  readonly #lives: Lives;
  readonly #zones: Zones;
  /** By rank: where the zone of each value that is left ends. */
  readonly #ends: MaxTree;
  /** By rank: minus the push's call, the pop's return, of those that have not met that half of fact 4. */
  readonly #notFirst: MaxTree;
  readonly #notLast: MaxTree;
  readonly #bottoms: MaxTree;
  readonly #met: Uint8Array;
  readonly #covering: CountTree;
  /** Pairs: first and last rank of a piece, or a value and POP. The last one is done next. */
  readonly #tasks: number[] = [];
  readonly #order: Int32Array;
  readonly #instant: Int32Array;
  #size = 0;
  #now = 0;
  /** A pop at the end: what comes after it did not happen. */
  #isOver = false;

  constructor(part: CollectionPart, lives: Lives, zones: Zones) {
    this.#part = part;
    this.#lives = lives;
    this.#zones = zones;
    const { byRank } = zones;
    this.#ends = new MaxTree(byRank.map((v) => lives.takeCall[v]!));
    this.#notFirst = new MaxTree(byRank.map((v) => -lives.putCall[v]!));
    this.#notLast = new MaxTree(byRank.map((v) => lives.takeReturn[v]!));
    this.#bottoms = new MaxTree(new Int32Array(byRank.length));
    this.#met = new Uint8Array(byRank.length);
    this.#covering = new CountTree(zones.covering);
    this.#order = new Int32Array(part.count);
    this.#instant = new Int32Array(part.count);
  }

  run(cuts: Cuts): Nest | NoBottom {
    const { byRank } = this.#zones;
    const starts = this.#gaps(0, byRank.length - 1);
    let cut = 0;
    const emptyBefore = (event: number): void => {
      for (; cut < cuts.after.length && cuts.after[cut]! < event; cut++) {
        this.#emit(cuts.operations[cut]!, cuts.after[cut]!);
      }
    };
    for (const [i, start] of starts.entries()) {
      emptyBefore(this.#lives.putReturn[byRank[start]!]!);
      this.#tasks.push(start, (starts[i + 1] ?? byRank.length) - 1);
      const failed = this.#nest();
      if (failed !== undefined) return failed;
    }
    emptyBefore(this.#part.end);
    return { order: this.#order, instant: this.#instant, size: this.#size };
  }

  #nest(): NoBottom | undefined {
    while (this.#tasks.length > 0) {
      const high = this.#tasks.pop()!;
      const low = this.#tasks.pop()!;
      if (high === POP) this.#emitTake(low);
      else {
        const failed = this.#piece(low, high);
        if (failed !== undefined) return failed;
      }
    }
    return undefined;
  }

  /** Takes the bottom value of a piece away, and leaves the pieces of the rest, and then its pop, as tasks. */
  #piece(low: number, high: number): NoBottom | undefined {
    const first = this.#ends.firstAbove(low, high, LEAST);
    if (first < 0) return undefined;
    const { byRank, reach } = this.#zones;
    const a = this.#lives.putReturn[byRank[first]!]!;
    const b = this.#ends.max(low, high);
    this.#meet(this.#notFirst, low, high, { limit: -a, half: FIRST });
    this.#meet(this.#notLast, low, high, { limit: b, half: LAST });
    const bottom = this.#bottoms.firstAbove(low, high, 0);
    if (bottom < 0) return { values: this.#chain(first, high, b) };
    const v = byRank[bottom]!;
    this.#emit(this.#lives.put[v]!, this.#lives.putCall[v]!);
    this.#bottoms.set(bottom, 0);
    this.#ends.set(bottom, LEAST);
    this.#covering.remove(bottom);
    this.#covering.add(bottom + 1, reach[bottom]!, -1);
    this.#tasks.push(v, POP);
    const starts = this.#gaps(low, high);
    let last = high;
    for (let i = starts.length - 1; i >= 0; i--) {
      this.#tasks.push(starts[i]!, last);
      last = starts[i]! - 1;
    }
    if (last >= low) this.#tasks.push(low, last);
    return undefined;
  }

  /** Notes who of the piece meets this half now. */
  #meet(
    tree: MaxTree,
    low: number,
    high: number,
    { limit, half }: { readonly limit: number; readonly half: number },
  ): void {
    for (;;) {
      const rank = tree.firstAbove(low, high, limit);
      if (rank < 0) return;
      tree.set(rank, LEAST);
      this.#met[rank]! |= half;
      if (this.#met[rank] === (FIRST | LAST)) this.#bottoms.set(rank, 1);
    }
  }

  /** The ranks from which on a new piece begins. Each is found once. */
  #gaps(low: number, high: number): readonly number[] {
    const starts: number[] = [];
    for (;;) {
      const start = high < low ? -1 : this.#covering.firstZero(Math.max(low, (starts.at(-1) ?? -1) + 1), high);
      if (start < 0) return starts;
      this.#covering.remove(start);
      starts.push(start);
    }
  }

  /** The zones of a piece that suffice to cover it from a to b. Bottom value would have to be one of them, and none can. */
  #chain(first: number, high: number, b: number): readonly number[] {
    const { byRank } = this.#zones;
    const { putReturn, takeCall } = this.#lives;
    const alive: number[] = [];
    for (let rank = first; rank <= high; rank++) {
      if (this.#ends.max(rank, rank) !== LEAST) alive.push(byRank[rank]!);
    }
    const column = (from: Int32Array): Int32Array => Int32Array.from(alive, (v) => from[v]!);
    const piece = { ...this.#lives, putReturn: column(putReturn), takeCall: column(takeCall) };
    return coverOf(piece, putReturn[byRank[first]!]!, b).map((i) => alive[i]!);
  }

  #emitTake(v: number): void {
    const take = this.#lives.take[v]!;
    if (take === NONE) this.#isOver = true;
    else this.#emit(take, this.#lives.takeCall[v]!);
  }

  #emit(operation: number, call: number): void {
    if (this.#isOver) return;
    this.#now = Math.max(this.#now, call);
    this.#order[this.#size] = operation;
    this.#instant[this.#size++] = this.#now;
  }
}

/**
 * Puts the values without a zone back, each when its pop is called. The others' instants are the latest call so far, which is
 * before the return of each; so whatever has a later instant returns later, and whatever has none later was called before.
 */
function merged(
  part: CollectionPart,
  events: Int32Array,
  { put, take, putReturn, takeCall }: Lives,
  nest: Nest,
): Int32Array {
  const order = new Int32Array(part.count);
  let size = 0;
  let next = 0;
  const nestUntil = (event: number): void => {
    for (; next < nest.size && nest.instant[next]! <= event; next++) order[size++] = nest.order[next]!;
  };
  for (let event = 0; event < events.length; event++) {
    const entry = events[event]!;
    const v = entry === NONE ? NONE : part.value[entry >> 1]!;
    if (v === NONE || takeCall[v] !== event || putReturn[v]! < event) continue;
    nestUntil(event);
    order[size++] = put[v]!;
    order[size++] = take[v]!;
  }
  nestUntil(part.end);
  return order.subarray(0, size);
}
