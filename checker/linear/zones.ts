/**
 * Stage 2, where every value has exactly one possible writer (Gibbons & Korach 1997; Golab, Li & Shah, PODC 2011). The
 * operations on one value form a cluster, which stands in one piece in every linearization; a compare-and-set glues the
 * cluster of its new value behind that of its expected one, and such a chain is a block. A block's zone reaches from its
 * earliest return to its latest call. X must stand before Y if something in X returned before something in Y was called; so
 * two *forward* zones (return before call) that overlap are in each other's way, and so is a backward zone inside a forward
 * one. Otherwise the blocks in order of the lower end of their zones are a linearization, because no two are out of order.
 *
 * Everything here is a few passes over the operations; blocks are sorted by dropping each at its event.
 */
import { NEVER } from './columns.ts';
import { CAS, INITIAL, MISMATCH, NONE, READ, WRITE, type RegisterPart } from './register-part.ts';

/** What the zones say. */
export interface Zones {
  /** False: no linearization, with or without the negative observers. */
  readonly isPossible: boolean;
  /** By value: where its block stands among the blocks; NEVER for a value without operations. */
  readonly rank: Int32Array;
  /** A linearization of the kept operations but for the negative observers; empty if there is none. */
  readonly order: Int32Array;
}

/** The zones of the operations that are kept, or undefined where some value has several possible writers. */
export function zonesOf(part: RegisterPart, kept: Int32Array): Zones | undefined {
  const clusters = clustersOf(part, kept);
  if (clusters === undefined) return undefined;
  const blocks = blocksOf(part, clusters);
  if (blocks === undefined) return { isPossible: false, rank: new Int32Array(0), order: new Int32Array(0) };
  const sorted = sweep(part, blocks);
  const rank = ranksOf(part, clusters, blocks);
  if (sorted === undefined) return { isPossible: false, rank, order: new Int32Array(0) };
  return { isPossible: true, rank, order: orderOf(part, kept, clusters, sorted) };
}

/** By value. */
interface Clusters {
  /** The only writer, NONE for the initial value and for values that nobody wrote. */
  readonly writer: Int32Array;
  /** The compare-and-set that took the value away, or NONE. */
  readonly taker: Int32Array;
  readonly readFirstReturn: Int32Array;
  readonly readLastCall: Int32Array;
  readonly reads: Int32Array;
  /** True if two compare-and-sets took the same value away. */
  readonly isTornApart: boolean;
}

function clustersOf({ kind, needs, leaves, call, ret, values }: RegisterPart, kept: Int32Array): Clusters | undefined {
  const writer = new Int32Array(values.length).fill(NONE);
  const taker = new Int32Array(values.length).fill(NONE);
  const readFirstReturn = new Int32Array(values.length).fill(NEVER);
  const readLastCall = new Int32Array(values.length).fill(-1);
  const reads = new Int32Array(values.length);
  let isTornApart = false;
  for (let k = 0; k < kept.length; k++) {
    const i = kept[k]!;
    const value = needs[i]!;
    if (kind[i] === READ) {
      if (ret[i]! < readFirstReturn[value]!) readFirstReturn[value] = ret[i]!;
      if (call[i]! > readLastCall[value]!) readLastCall[value] = call[i]!;
      reads[value]!++;
      continue;
    }
    if (kind[i] === CAS) {
      if (taker[value] !== NONE) isTornApart = true;
      taker[value] = i;
    } else if (kind[i] !== WRITE) {
      continue;
    }
    const left = leaves[i]!;
    if (writer[left] !== NONE || left === INITIAL) return undefined;
    writer[left] = i;
  }
  return { writer, taker, readFirstReturn, readLastCall, reads, isTornApart };
}

/** By value that heads a block (others: −1 in `lastCall`). */
interface Blocks {
  readonly firstReturn: Int32Array;
  readonly lastCall: Int32Array;
}

/** Undefined where a block alone has no linearization: out of order inside, torn apart, a ring, or a value nobody wrote. */
function blocksOf(part: RegisterPart, clusters: Clusters): Blocks | undefined {
  const { kind, leaves, call, ret, values } = part;
  const { writer, taker, readFirstReturn, readLastCall, reads } = clusters;
  if (clusters.isTornApart) return undefined;
  const firstReturn = new Int32Array(values.length).fill(NEVER);
  const lastCall = new Int32Array(values.length).fill(-1);
  let placed = 0;
  let clustered = 0;
  for (let head = 0; head < values.length; head++) {
    if (writer[head] !== NONE || reads[head]! > 0 || taker[head] !== NONE || head === INITIAL) clustered++;
    if (head !== INITIAL && (writer[head] === NONE || kind[writer[head]!] !== WRITE)) continue;
    let first = head === INITIAL ? -1 : NEVER;
    let latest = -1;
    for (let value = head, by = writer[head]!; ;) {
      placed++;
      if (by !== NONE) {
        if (ret[by]! < latest) return undefined;
        if (ret[by]! < first) first = ret[by]!;
        if (call[by]! > latest) latest = call[by]!;
      }
      if (readFirstReturn[value]! < latest) return undefined;
      if (readFirstReturn[value]! < first) first = readFirstReturn[value]!;
      if (readLastCall[value]! > latest) latest = readLastCall[value]!;
      by = taker[value]!;
      if (by === NONE) break;
      value = leaves[by]!;
    }
    firstReturn[head] = first;
    lastCall[head] = latest;
  }
  // A ring of compare-and-sets, and a value that was read but never written, have no head.
  return placed === clustered ? { firstReturn, lastCall } : undefined;
}

/** The heads in order of the lower end of their zones; undefined where two blocks are in each other's way. */
function sweep({ end }: RegisterPart, { firstReturn, lastCall }: Blocks): Int32Array | undefined {
  const headAt = new Int32Array(end + 1).fill(NONE);
  let blocks = 0;
  for (let head = 0; head < lastCall.length; head++) {
    if (lastCall[head] === -1 && firstReturn[head] === NEVER) continue;
    headAt[Math.min(firstReturn[head]!, lastCall[head]!) + 1] = head;
    blocks++;
  }
  const sorted = new Int32Array(blocks);
  let next = 0;
  let forwardEnd = -1;
  for (let place = 0; place < headAt.length; place++) {
    const head = headAt[place]!;
    if (head === NONE) continue;
    sorted[next++] = head;
    if (firstReturn[head]! < forwardEnd) return undefined;
    if (lastCall[head]! > forwardEnd && firstReturn[head]! < lastCall[head]!) forwardEnd = lastCall[head]!;
  }
  return sorted;
}

function ranksOf({ leaves, values }: RegisterPart, { taker }: Clusters, { firstReturn, lastCall }: Blocks): Int32Array {
  const rank = new Int32Array(values.length).fill(NEVER);
  for (let head = 0; head < values.length; head++) {
    if (lastCall[head] === -1) continue;
    const low = Math.min(firstReturn[head]!, lastCall[head]!);
    for (let value = head; ; value = leaves[taker[value]!]!) {
      rank[value] = low;
      if (taker[value] === NONE) break;
    }
  }
  return rank;
}

function orderOf(part: RegisterPart, kept: Int32Array, clusters: Clusters, sorted: Int32Array): Int32Array {
  const { kind, needs, leaves } = part;
  const { writer, taker, reads } = clusters;
  const readsFrom = new Int32Array(reads.length + 1);
  for (let value = 0; value < reads.length; value++) readsFrom[value + 1] = readsFrom[value]! + reads[value]!;
  const readsOf = new Int32Array(readsFrom[reads.length]!);
  const next = readsFrom.slice();
  let mismatches = 0;
  for (let k = 0; k < kept.length; k++) {
    const i = kept[k]!;
    if (kind[i] === READ) readsOf[next[needs[i]!]!++] = i;
    else if (kind[i] === MISMATCH) mismatches++;
  }
  const order = new Int32Array(kept.length - mismatches);
  let size = 0;
  for (let b = 0; b < sorted.length; b++) {
    for (let value = sorted[b]!, by = writer[value]!; ; value = leaves[by]!) {
      if (by !== NONE) order[size++] = by;
      for (let r = readsFrom[value]!; r < readsFrom[value + 1]!; r++) order[size++] = readsOf[r]!;
      by = taker[value]!;
      if (by === NONE) break;
    }
  }
  return order;
}
