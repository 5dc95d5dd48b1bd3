/**
 * Replays the order that a monitor found, operation by operation, on a plain queue, stack, bag or set. This is the other half of
 * its `ok`: it shares nothing with the monitors but the columns.
 */
import { NEVER } from '../history/table.ts';
import {
  DROP,
  EMPTY,
  HAS,
  INSERT,
  LACKS,
  NOTHING,
  PUT,
  TAKE,
  TAKE_UNSEEN,
  type CollectionPart,
} from './collection-part.ts';

/**
 * Why the order is not a linearization of the part, in words; undefined where it is one: every answered operation that shows or
 * changes something stands in it once, every other one at most once, nobody stands after an operation that was called
 * after its own return, and each answer is the collection's.
 * @param proof operation numbers of the part in order, and by operation the value that an unseen take took
 */
export function verifyCollection(
  part: CollectionPart,
  { order, took }: { readonly order: Int32Array; readonly took: Int32Array | undefined },
): string | undefined {
  const { count, kind, call, ret } = part;
  const value = took === undefined ? part.value : answered(part, took);
  const collection =
    part.order === 'fifo' || part.order === 'lifo' ? new Sequence(part, value) : new Membership(part, value);
  const stands = new Uint8Array(count);
  let latestCall = -1;
  for (const i of order) {
    if (!(i >= 0 && i < count) || stands[i] === 1)
      return `operation ${i} stands twice in the order, or is not of this part`;
    stands[i] = 1;
    if (ret[i]! < latestCall) return `operation ${i} stands after one that was called after its return`;
    latestCall = Math.max(latestCall, call[i]!);
    if (!collection.accepts(i)) return `operation ${i} is not possible where it stands`;
  }
  for (let i = 0; i < count; i++) {
    if (stands[i] === 0 && ret[i] !== NEVER && kind[i] !== NOTHING) return `operation ${i} is missing in the order`;
  }
  return undefined;
}

/** The values that operations are about, those of unseen takes included. */
function answered({ kind, value }: CollectionPart, took: Int32Array): Int32Array {
  return value.map((v, i) => (kind[i] === TAKE_UNSEEN ? took[i]! : v));
}

/** A queue or a stack. */
class Sequence {
  readonly #part: CollectionPart;
  readonly #value: Int32Array;
  readonly #items: Int32Array;
  #head = 0;
  #end = 0;

  constructor(part: CollectionPart, value: Int32Array) {
    this.#part = part;
    this.#value = value;
    this.#items = new Int32Array(part.count);
  }

  accepts(i: number): boolean {
    switch (this.#part.kind[i]!) {
      case PUT:
        this.#items[this.#end++] = this.#value[i]!;
        return true;
      case TAKE:
      case TAKE_UNSEEN:
        return this.#head < this.#end && this.#takeNext() === this.#value[i];
      case EMPTY:
        return this.#head === this.#end;
      default:
        return this.#part.kind[i] === NOTHING;
    }
  }

  #takeNext(): number {
    return this.#part.order === 'fifo' ? this.#items[this.#head++]! : this.#items[--this.#end]!;
  }
}

/** A set, or a bag: how many of each value are in. */
class Membership {
  readonly #part: CollectionPart;
  readonly #value: Int32Array;
  readonly #copies: Int32Array;
  #size = 0;

  constructor(part: CollectionPart, value: Int32Array) {
    this.#part = part;
    this.#value = value;
    this.#copies = new Int32Array(part.values);
  }

  accepts(i: number): boolean {
    const { kind, order } = this.#part;
    const v = this.#value[i]!;
    const copies = this.#copies[v] ?? 0;
    switch (kind[i]!) {
      case PUT:
        this.#become(v, order === 'set' ? 1 : copies + 1);
        return true;
      case INSERT:
        this.#become(v, 1);
        return copies === 0;
      case TAKE:
      case TAKE_UNSEEN:
        if (copies > 0) this.#become(v, copies - 1);
        return copies > 0;
      case DROP:
        this.#become(v, 0);
        return true;
      case HAS:
        return copies > 0;
      case LACKS:
        return copies === 0;
      case EMPTY:
        return this.#size === 0;
      default:
        return kind[i] === NOTHING;
    }
  }

  #become(v: number, copies: number): void {
    this.#size += copies - this.#copies[v]!;
    this.#copies[v] = copies;
  }
}
