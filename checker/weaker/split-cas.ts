/**
 * A history in which each answered compare-and-set that succeeded is two operations, a read and right after it a write, which is
 * how the causal promises see it: a write that is before the second need not be before the first. (A crashed one stays whole:
 * nothing of its client comes after it, so nothing can tell the two apart.)
 */
import { NEVER } from '../linear/columns.ts';
import { CAS, NONE, READ, WRITE } from '../linear/register-part.ts';
import type { ClientHistory } from './client-history.ts';
import type { Finding } from './finding.ts';

/** The split history, and by operation of it the one that it was. */
export interface SplitHistory {
  readonly history: ClientHistory;
  readonly was: Int32Array;
}

/** Splits. */
export function splitCas(history: ClientHistory): SplitHistory {
  const { count, kind, ret } = history;
  const isSplit = (i: number): boolean => kind[i] === CAS && ret[i] !== NEVER;
  let splits = 0;
  for (let i = 0; i < count; i++) if (isSplit(i)) splits++;
  if (splits === 0) return { history, was: Int32Array.from({ length: count }, (_none, i) => i) };
  const was = new Int32Array(count + splits);
  /** By whole operation: the part of it that writes, which is the last. */
  const lastOf = new Int32Array(count);
  for (let i = 0, next = 0; i < count; i++) {
    was[next++] = i;
    if (isSplit(i)) was[next++] = i;
    lastOf[i] = next - 1;
  }
  return { history: assemble(history, was, lastOf, splits), was };
}

function assemble(history: ClientHistory, was: Int32Array, lastOf: Int32Array, splits: number): ClientHistory {
  const count = was.length;
  const pick = <A extends Int32Array | Uint8Array>(from: A, into: A): A => {
    for (let i = 0; i < count; i++) into[i] = from[was[i]!]!;
    return into;
  };
  const kind = pick(history.kind, new Uint8Array(count));
  const needs = pick(history.needs, new Int32Array(count));
  const leaves = pick(history.leaves, new Int32Array(count));
  const source = pick(history.source, new Int32Array(count)).map((from) => (from < 0 ? from : lastOf[from]!));
  const isSecondHalf = new Uint8Array(count);
  for (let i = 1; i < count; i++) {
    if (was[i] !== was[i - 1]) continue;
    isSecondHalf[i] = 1;
    kind[i - 1] = READ;
    leaves[i - 1] = NONE;
    kind[i] = WRITE;
    needs[i] = NONE;
  }
  return {
    ...history,
    count,
    row: pick(history.row, new Int32Array(count)),
    part: pick(history.part, new Int32Array(count)),
    kind,
    needs,
    leaves,
    source,
    client: pick(history.client, new Int32Array(count)),
    isSecondHalf,
    ...eventsOf(history, was, lastOf, splits),
  };
}

/**
 * Both halves are called where the whole was, and return where it did. Only the second one's return stands among the events: what
 * comes after the whole comes after that.
 */
function eventsOf(
  history: ClientHistory,
  was: Int32Array,
  lastOf: Int32Array,
  splits: number,
): Pick<ClientHistory, 'events' | 'call' | 'ret'> {
  const events = new Int32Array(history.events.length + splits);
  const call = new Int32Array(was.length);
  const ret = new Int32Array(was.length).fill(NEVER);
  let end = 0;
  for (const entry of history.events) {
    const whole = entry < 0 ? ~entry : entry;
    const last = lastOf[whole]!;
    const first = last > 0 && was[last - 1] === whole ? last - 1 : last;
    if (entry < 0) {
      ret[first] = ret[last] = end;
      events[end++] = ~last;
      continue;
    }
    for (let half = first; half <= last; half++) {
      call[half] = end;
      events[end++] = half;
    }
  }
  return { events, call, ret };
}

/** A finding of the split history in terms of the whole one. */
export function joined(finding: Finding, was: Int32Array): Finding {
  if (finding.kind !== 'violated') return finding;
  const { pattern, operations, because } = finding;
  const whole = (i: number): number => (i < 0 ? i : was[i]!);
  const isCycle = pattern === 'CyclicCO' || pattern === 'CyclicCF';
  // In a cycle the step from a read to its own write is none; what comes after the write is.
  const isStep = (at: number): boolean => whole(operations[at]!) !== whole(operations[(at + 1) % operations.length]!);
  const kept = operations.map((_operation, at) => at).filter((at) => !isCycle || isStep(at));
  return {
    ...finding,
    operations: kept.map((at) => whole(operations[at]!)),
    ...(because === undefined ? {} : { because: kept.map((at) => whole(because[at]!)) }),
  };
}
