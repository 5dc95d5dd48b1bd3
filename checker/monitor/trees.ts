/** Two segment trees over places 0 to size − 1, as the stack's monitor needs them. Every operation is O(log size). */

/** Smaller than any entry. */
export const LEAST: number = -0x80000000;

/** A number at each place; finds the largest, and the first that is above a limit. */
export class MaxTree {
  readonly #leaves: number;
  readonly #tree: Int32Array;

  constructor(entries: Int32Array) {
    this.#leaves = leavesFor(entries.length);
    this.#tree = new Int32Array(2 * this.#leaves).fill(LEAST);
    this.#tree.set(entries, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node--) this.#tree[node] = this.#largerChild(node);
  }

  set(place: number, entry: number): void {
    let node = place + this.#leaves;
    this.#tree[node] = entry;
    for (node >>= 1; node > 0; node >>= 1) {
      const larger = this.#largerChild(node);
      if (this.#tree[node] === larger) return;
      this.#tree[node] = larger;
    }
  }

  /** The largest of the places low to high. */
  max(low: number, high: number): number {
    let largest = LEAST;
    let left = low + this.#leaves;
    for (let right = high + this.#leaves + 1; left < right; left >>= 1, right >>= 1) {
      if ((left & 1) === 1) largest = Math.max(largest, this.#tree[left++]!);
      if ((right & 1) === 1) largest = Math.max(largest, this.#tree[--right]!);
    }
    return largest;
  }

  /** The first place from low to high whose entry is above the limit, or −1. */
  firstAbove(low: number, high: number, limit: number): number {
    let node = low + this.#leaves;
    while (this.#tree[node]! <= limit) {
      // Up from a right child, which ends what its parent spans, then on to the right; from the right edge this gets to 0.
      while ((node & 1) === 1) node >>= 1;
      if (node === 0) return -1;
      node++;
    }
    while (node < this.#leaves) {
      node *= 2;
      if (this.#tree[node]! <= limit) node++;
    }
    return node - this.#leaves <= high ? node - this.#leaves : -1;
  }

  #largerChild(node: number): number {
    return Math.max(this.#tree[2 * node]!, this.#tree[2 * node + 1]!);
  }
}

/** Above what any place is counted. */
const OUT = 1 << 28;

/** A count at each place, changed by ranges; finds the places where it is zero, each once. */
export class CountTree {
  readonly #leaves: number;
  /** The least count below each node, without what was added to the nodes above it. */
  readonly #least: Int32Array;
  readonly #added: Int32Array;

  constructor(counts: Int32Array) {
    this.#leaves = leavesFor(counts.length);
    this.#least = new Int32Array(2 * this.#leaves).fill(OUT);
    this.#added = new Int32Array(2 * this.#leaves);
    this.#least.set(counts, this.#leaves);
    for (let node = this.#leaves - 1; node > 0; node--) this.#refresh(node);
  }

  /** Adds to the counts of the places low to high. */
  add(low: number, high: number, amount: number): void {
    if (low <= high) this.#add({ low, high, amount }, 1, 0, this.#leaves - 1);
  }

  /** Takes the place out: it is not found any more. */
  remove(place: number): void {
    this.add(place, place, OUT);
  }

  /** The first place from low to high whose count is zero, or −1. */
  firstZero(low: number, high: number): number {
    return this.#firstZero({ low, high }, 1, { from: 0, to: this.#leaves - 1, added: 0 });
  }

  #add(
    range: { readonly low: number; readonly high: number; readonly amount: number },
    node: number,
    from: number,
    to: number,
  ): void {
    if (range.low <= from && to <= range.high) {
      this.#least[node]! += range.amount;
      this.#added[node]! += range.amount;
      return;
    }
    const middle = (from + to) >> 1;
    if (range.low <= middle) this.#add(range, 2 * node, from, middle);
    if (range.high > middle) this.#add(range, 2 * node + 1, middle + 1, to);
    this.#refresh(node);
  }

  #firstZero(
    range: { readonly low: number; readonly high: number },
    node: number,
    span: { readonly from: number; readonly to: number; readonly added: number },
  ): number {
    const { from, to } = span;
    if (to < range.low || from > range.high || this.#least[node]! + span.added > 0) return -1;
    if (node >= this.#leaves) return from;
    const middle = (from + to) >> 1;
    const added = span.added + this.#added[node]!;
    const left = this.#firstZero(range, 2 * node, { from, to: middle, added });
    return left >= 0 ? left : this.#firstZero(range, 2 * node + 1, { from: middle + 1, to, added });
  }

  #refresh(node: number): void {
    this.#least[node] = Math.min(this.#least[2 * node]!, this.#least[2 * node + 1]!) + this.#added[node]!;
  }
}

function leavesFor(size: number): number {
  let leaves = 1;
  while (leaves < size) leaves *= 2;
  return leaves;
}
