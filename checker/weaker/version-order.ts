/**
 * In which order the values of each register came about, as far as that is certain. In order of preference: the *chain* of
 * compare-and-sets, where every write that took effect is one and they follow each other from the initial value on; the *log
 * index* of the state that answered (`applied`), where every answer says it, no two writes share one, and every read bears it
 * out, having seen the last write up to its own index; the *real-time* order: v is before v′ if v was in effect, acknowledged
 * or already read, before v′'s write was invoked. The last is partial, and stands in for crashed writes, which have no index.
 *
 * The reads have to bear the index out because an answer can come later than the write: a command that was sent again is
 * answered from a later state than the one that it was applied to.
 */
import type { Table } from '../history/table.ts';
import { NEVER } from '../linear/columns.ts';
import { CAS, NONE, WRITE } from '../linear/register-part.ts';
import { INITIAL, isObserver, isWrite, SEVERAL, type ClientHistory } from './client-history.ts';

/** What the order of a register's values was taken from. */
export type OrderKind = 'cas-chain' | 'log-index' | 'real-time';

/** In place of a rank: the write has none. */
export const NO_RANK = -1;

/** The order of the values of every register. A value goes by the operation that wrote it. */
export interface VersionOrder {
  /** By register. */
  readonly kindOf: readonly OrderKind[];
  /** By register 1 if something was written to it. */
  readonly written: Uint8Array;
  /** By operation: for a write in a chain or with an index its place among those of its register; else NO_RANK. */
  readonly rank: Float64Array;
  /** By operation: for a write the event by which its value was in effect for certain; NEVER where that is not known. */
  readonly inEffect: Int32Array;
}

/** The order of a history's values. */
export function versionOrderOf(history: ClientHistory, table: Table): VersionOrder {
  const rank = new Float64Array(history.count).fill(NO_RANK);
  const isChain = rankChains(history, rank);
  const isIndexed = rankIndices(history, table, rank, isChain);
  return {
    kindOf: history.parts.map((_name, p) =>
      isChain[p] === 1 ? 'cas-chain' : isIndexed[p] === 1 ? 'log-index' : 'real-time',
    ),
    written: writtenOf(history),
    rank,
    inEffect: inEffectOf(history),
  };
}

/** By register 1 if its writes are one chain of compare-and-sets; their ranks are set. */
function rankChains(history: ClientHistory, rank: Float64Array): Uint8Array {
  const { count, part, kind, source, parts } = history;
  const isChain = new Uint8Array(parts.length).fill(1);
  const successor = new Int32Array(count).fill(NONE);
  const first = new Int32Array(parts.length).fill(NONE);
  const writes = new Int32Array(parts.length);
  for (let i = 0; i < count; i++) {
    if (!isWrite(history, i)) continue;
    const p = part[i]!;
    const from = source[i]!;
    writes[p]!++;
    const isNext = kind[i] === CAS && (from === INITIAL ? first[p] === NONE : from >= 0 && successor[from] === NONE);
    if (!isNext) isChain[p] = 0;
    else if (from === INITIAL) first[p] = i;
    else successor[from] = i;
  }
  for (let p = 0; p < parts.length; p++) {
    if (writes[p] === 0) isChain[p] = 0;
    if (isChain[p] === 0) continue;
    let length = 0;
    for (let at = first[p]!; at !== NONE && length <= writes[p]!; at = successor[at]!) rank[at] = length++;
    if (length === writes[p]) continue;
    isChain[p] = 0;
    for (let at = first[p]!, i = 0; at !== NONE && i < length; at = successor[at]!, i++) rank[at] = NO_RANK;
  }
  return isChain;
}

/** By register 1 if the index of the answers is an order of its writes; their ranks are set. */
function rankIndices(history: ClientHistory, table: Table, rank: Float64Array, isChain: Uint8Array): Uint8Array {
  const { count, part, parts, row, ret, kind, source, needs, leaves } = history;
  const isIndexed = new Uint8Array(parts.length);
  const indexOf = (i: number): number => table.applied[row[i]!]!;
  const writes: number[][] = parts.map(() => []);
  for (let i = 0; i < count; i++) if (isAcknowledgedWrite(history, i)) writes[part[i]!]!.push(i);
  if (!areDistinct(writes.flat().map(indexOf))) return isIndexed;
  writes.forEach((its, p) => {
    if (isChain[p] === 1 || its.length === 0 || its.some((write) => Number.isNaN(indexOf(write)))) return;
    its.sort((a, b) => indexOf(a) - indexOf(b));
    isIndexed[p] = 1;
  });
  const indices = writes.map((its) => Float64Array.from(its, indexOf));
  for (let i = 0; i < count; i++) {
    const p = part[i]!;
    if (isIndexed[p] === 0 || ret[i] === NEVER || !isObserver(history, i)) continue;
    // A compare-and-set saw the state before its own entry.
    const before = kind[i] === CAS ? indexOf(i) - 1 : indexOf(i);
    const place = countUpTo(indices[p]!, before);
    const last = place === 0 ? history.initialOf[p]! : leaves[writes[p]![place - 1]!]!;
    const sawCrashed = source[i]! >= 0 && ret[source[i]!] === NEVER;
    if (Number.isNaN(before) || (last !== needs[i] && !sawCrashed)) isIndexed[p] = 0;
  }
  writes.forEach((its, p) => {
    if (isIndexed[p] === 1) for (const write of its) rank[write] = indexOf(write);
  });
  return isIndexed;
}

function areDistinct(numbers: readonly number[]): boolean {
  const sorted = Float64Array.from(numbers).sort();
  return sorted.every((number, i) => i === 0 || sorted[i - 1] !== number);
}

/** How many of the ascending numbers are at most this. */
function countUpTo(ascending: Float64Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isAcknowledgedWrite({ kind, ret }: ClientHistory, i: number): boolean {
  return ret[i] !== NEVER && (kind[i] === WRITE || kind[i] === CAS);
}

function writtenOf(history: ClientHistory): Uint8Array {
  const written = new Uint8Array(history.parts.length);
  for (let i = 0; i < history.count; i++) if (isWrite(history, i)) written[history.part[i]!] = 1;
  return written;
}

function inEffectOf(history: ClientHistory): Int32Array {
  const { count, source, call, ret } = history;
  const inEffect = new Int32Array(count).fill(NEVER);
  for (let i = 0; i < count; i++) {
    if (isWrite(history, i)) inEffect[i] = Math.min(inEffect[i]!, ret[i]!);
    const writer = isObserver(history, i) ? source[i]! : SEVERAL;
    // A value seen before its write was invoked says nothing about when it came into effect.
    if (writer >= 0 && ret[i]! > call[writer]!) inEffect[writer] = Math.min(inEffect[writer]!, ret[i]!);
  }
  return inEffect;
}
