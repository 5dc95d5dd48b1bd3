/**
 * Stage 2, where every observed value has exactly one possible writer (Gibbons & Korach 1997; Golab, Li & Shah, PODC 2011).
 * The operations on one value form a cluster, which stands in one piece in every linearization; a compare-and-set glues the
 * cluster of its new value behind that of its expected one, and such a chain is a block. A block's zone reaches from its
 * earliest return to its latest call. Of two blocks whose zones ask each to be before the other neither can be first: that
 * is a violation. Otherwise the blocks in order of `key` are an order that only negative observers can still refuse.
 */
import { NEVER } from './columns.ts';
import { CAS, INITIAL, MISMATCH, NONE, type RegisterPart } from './register-part.ts';

/** The blocks of a part. */
export interface Zones {
  /** By value: the block it belongs to (a value that stands for the block). */
  readonly blockOf: Int32Array;
  /** By block: where it stands in an order of the blocks. */
  readonly key: Int32Array;
  /** The event by which two blocks are known to be in each other's way, or NONE. */
  readonly conflict: number;
}

/** The zones of the operations that are kept, or undefined where some value has several possible writers. */
export function zonesOf(part: RegisterPart, kept: readonly number[]): Zones | undefined {
  const values = part.values.length;
  if (!everyValueHasOneWriter(part, kept)) return undefined;
  const blockOf = glue(part, kept);
  const firstReturn = new Int32Array(values).fill(NEVER);
  const lastCall = new Int32Array(values).fill(-1);
  firstReturn[blockOf[INITIAL]!] = -1;
  for (const i of kept) {
    if (part.kind[i] === MISMATCH) continue;
    const block = blockOf[part.leaves[i] === NONE ? part.needs[i]! : part.leaves[i]!]!;
    firstReturn[block] = Math.min(firstReturn[block]!, part.ret[i]!);
    lastCall[block] = Math.max(lastCall[block]!, part.call[i]!);
  }
  const key = firstReturn.map((first, block) => (lastCall[block] === -1 ? NEVER : Math.min(first, lastCall[block]!)));
  return { blockOf, key, conflict: firstConflict(firstReturn, lastCall) };
}

function everyValueHasOneWriter(part: RegisterPart, kept: readonly number[]): boolean {
  const writers = new Uint8Array(part.values.length);
  writers[INITIAL] = 1;
  for (const i of kept) {
    const value = part.leaves[i]!;
    if (value === NONE) continue;
    if (writers[value] === 1) return false;
    writers[value] = 1;
  }
  return true;
}

/** Union-find over the compare-and-sets. */
function glue(part: RegisterPart, kept: readonly number[]): Int32Array {
  const parent = Int32Array.from({ length: part.values.length }, (_none, number) => number);
  const find = (value: number): number => {
    let root = value;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = value; at !== root;) {
      const up = parent[at]!;
      parent[at] = root;
      at = up;
    }
    return root;
  };
  for (const i of kept) {
    if (part.kind[i] === CAS) parent[find(part.leaves[i]!)] = find(part.needs[i]!);
  }
  return parent.map((_up, value) => find(value));
}

/**
 * The earliest event that completes a conflict: forward zones (first return before last call) must be disjoint, and no
 * backward zone may lie inside a forward one.
 */
function firstConflict(firstReturn: Int32Array, lastCall: Int32Array): number {
  const forward: number[] = [];
  const backward: number[] = [];
  for (let block = 0; block < firstReturn.length; block++) {
    if (lastCall[block] === -1) continue;
    if (firstReturn[block]! < lastCall[block]!) forward.push(block);
    else backward.push(block);
  }
  forward.sort((a, b) => firstReturn[a]! - firstReturn[b]!);
  for (let i = 1; i < forward.length; i++) {
    if (firstReturn[forward[i]!]! < lastCall[forward[i - 1]!]!) return lastCall[forward[i - 1]!]!;
  }
  backward.sort((a, b) => lastCall[a]! - lastCall[b]!);
  let at = 0;
  for (const zone of forward) {
    while (at < backward.length && lastCall[backward[at]!]! < firstReturn[zone]!) at++;
    for (let j = at; j < backward.length && lastCall[backward[j]!]! < lastCall[zone]!; j++) {
      if (firstReturn[backward[j]!]! < lastCall[zone]!) return lastCall[zone]!;
    }
  }
  return NONE;
}
