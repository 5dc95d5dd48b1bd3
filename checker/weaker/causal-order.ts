/**
 * The causal order of a history: the least order that has the program order of every client and puts each write before those
 * that saw its value (Ahamad, Neiger, Burns, Kohli, Hutto 1995). It is kept as vector clocks (Fidge 1988, Mattern 1989) over
 * chains: for each operation, how many operations of each chain are before it. Writes of unknown outcome that were seen are in
 * chains of their own, which go on wherever one of them is before the next.
 */
import { NONE } from '../linear/register-part.ts';
import type { Budget } from '../verdict/verdict.ts';
import { isObserver, isWrite, type ClientHistory } from './client-history.ts';
import { Edges, orderOrCycle, type Successors } from './graph.ts';
import { programOrderOf } from './program-order.ts';

/** Clocks by operation and chain. */
export interface CausalOrder {
  /** Number of chains, and the length of a clock. */
  readonly width: number;
  readonly chainOf: Int32Array;
  /** By operation: its place in its chain. */
  readonly placeOf: Int32Array;
  /** clock[i × width + c]: how many operations of chain c are operation i itself or before it. */
  readonly clock: Int32Array;
  /** Each operation after those before it. */
  readonly order: Int32Array;
  readonly edges: Edges;
  readonly successors: Successors;
}

/** The order; or a cycle in it; or that clocks for so many chains would not fit into the budget. */
export type CausalResult =
  | { readonly kind: 'order'; readonly causal: CausalOrder; readonly steps: number }
  | { readonly kind: 'cycle'; readonly cycle: readonly number[]; readonly steps: number }
  | { readonly kind: 'gave-up'; readonly reason: string; readonly steps: number };

/** The causal order of a history. */
export function causalOrderOf(history: ClientHistory, budget: Budget): CausalResult {
  const { count, source } = history;
  const program = programOrderOf(history);
  const edges = new Edges();
  edges.addAll(program.edges);
  for (let i = 0; i < count; i++) if (isObserver(history, i) && source[i]! >= 0) edges.add(source[i]!, i);
  const successors = edges.successors(count);
  const sorted = orderOrCycle(successors);
  let steps = edges.length;
  if ('cycle' in sorted) return { kind: 'cycle', cycle: sorted.cycle, steps };
  const strays = program.chainOf.reduce((sum, chain) => (chain === NONE ? sum + 1 : sum), 0);
  for (let extra = Math.min(strays, 4); ; extra = Math.min(strays, 4 * extra)) {
    const width = program.chains + extra;
    steps += (count + edges.length) * width;
    if (steps > budget.maxSteps || 4 * count * width > budget.maxBytes)
      return { kind: 'gave-up', reason: `${count} operations in ${width} chains are too many for the budget`, steps };
    const clocks = clocksOf({ ...program, width, count, order: sorted.order, successors });
    if (clocks !== undefined)
      return { kind: 'order', causal: { ...clocks, width, order: sorted.order, edges, successors }, steps };
  }
}

/** The clocks, or undefined where so many chains are not enough. */
function clocksOf({
  chains,
  chainOf: programChain,
  width,
  count,
  order,
  successors: { start, to },
}: {
  readonly chains: number;
  readonly chainOf: Int32Array;
  readonly width: number;
  readonly count: number;
  readonly order: Int32Array;
  readonly successors: Successors;
}): Pick<CausalOrder, 'chainOf' | 'placeOf' | 'clock'> | undefined {
  const chainOf = programChain.slice();
  const placeOf = new Int32Array(count);
  const clock = new Int32Array(count * width);
  const lengths = new Int32Array(width);
  for (const operation of order) {
    const row = operation * width;
    let chain = chainOf[operation]!;
    if (chain === NONE) {
      for (chain = chains; chain < width && clock[row + chain] !== lengths[chain]; chain++);
      if (chain === width) return undefined;
      chainOf[operation] = chain;
    }
    placeOf[operation] = lengths[chain]!++;
    clock[row + chain] = lengths[chain]!;
    for (let i = start[operation]!; i < start[operation + 1]!; i++) joinRow(clock, to[i]! * width, row, width);
  }
  return { chainOf, placeOf, clock };
}

/** Brings a clock up to another one. True if it changed. */
export function joinRow(clock: Int32Array, into: number, from: number, width: number): boolean {
  let changed = false;
  for (let c = 0; c < width; c++) {
    if (clock[from + c]! <= clock[into + c]!) continue;
    clock[into + c] = clock[from + c]!;
    changed = true;
  }
  return changed;
}

/** True if operation a is b or before it, by these clocks. */
export function isUpTo(
  { width, chainOf, placeOf, clock }: Omit<CausalOrder, 'order' | 'edges' | 'successors'>,
  a: number,
  b: number,
): boolean {
  return clock[b * width + chainOf[a]!]! > placeOf[a]!;
}

/** The writes of each register, chain by chain in the order of the chain. */
export class WritesByChain {
  readonly #operations: Int32Array;
  readonly #placeOf: Int32Array;
  readonly #groupChain: readonly number[];
  readonly #groupStart: readonly number[];
  /** By register: its first group. */
  readonly #first: Int32Array;

  constructor(
    history: ClientHistory,
    { width, chainOf, placeOf, order }: Omit<CausalOrder, 'edges' | 'successors' | 'clock'>,
  ) {
    const { count, part, parts } = history;
    const byChain: number[][] = Array.from({ length: width }, () => []);
    for (const operation of order) if (isWrite(history, operation)) byChain[chainOf[operation]!]!.push(operation);
    const start = new Int32Array(parts.length + 1);
    for (let i = 0; i < count; i++) if (isWrite(history, i)) start[part[i]! + 1]!++;
    for (let p = 0; p < parts.length; p++) start[p + 1]! += start[p]!;
    const next = start.slice();
    this.#operations = new Int32Array(start[parts.length]!);
    for (const chain of byChain) for (const write of chain) this.#operations[next[part[write]!]!++] = write;
    const groupChain: number[] = [];
    const groupStart: number[] = [];
    this.#first = new Int32Array(parts.length + 1);
    for (let p = 0; p < parts.length; p++) {
      this.#first[p] = groupChain.length;
      for (let i = start[p]!; i < start[p + 1]!; i++) {
        const chain = chainOf[this.#operations[i]!]!;
        if (i > start[p]! && chain === groupChain.at(-1)) continue;
        groupChain.push(chain);
        groupStart.push(i);
      }
    }
    this.#first[parts.length] = groupChain.length;
    groupStart.push(this.#operations.length);
    this.#groupChain = groupChain;
    this.#groupStart = groupStart;
    this.#placeOf = placeOf;
  }

  /** The groups of a register are the numbers from the first one up to, without it, the second. */
  first(part: number): number {
    return this.#first[part]!;
  }

  chain(group: number): number {
    return this.#groupChain[group]!;
  }

  /** The last write of a group at a place before this one, or NONE. */
  lastBefore(group: number, place: number): number {
    const at = this.#countBefore(group, place);
    return at === this.#groupStart[group]! ? NONE : this.#operations[at - 1]!;
  }

  /** The first write of a group for which `holds`, which must hold for all after it; or NONE. */
  firstFor(group: number, holds: (write: number) => boolean): number {
    let low = this.#groupStart[group]!;
    let high = this.#groupStart[group + 1]!;
    const end = high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#operations[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low === end ? NONE : this.#operations[low]!;
  }

  #countBefore(group: number, place: number): number {
    let low = this.#groupStart[group]!;
    let high = this.#groupStart[group + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#placeOf[this.#operations[middle]!]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
