/**
 * How old each read was. R(v) is the earliest return among v's write, if it was answered, and all answered observers of v: by
 * then v was in effect. For the initial value it is before everything. A value v′ is *newer* for a read of v if v′'s write was
 * invoked after R(v), and R(v′) is before the read's invocation. The read is as many versions behind as there are such v′
 * (a lower bound: writes that overlap are not counted), and as many nanoseconds as lie between the earliest R(v′) and its
 * invocation. A value with several possible writers says nothing about its age: reads of it are left out and counted, and it
 * is newer for none. In a linearizable history no read is stale.
 */
import type { Call, History, Json, Nanos, Operation } from '../history/operation.ts';
import { operationAt, tableOf } from '../history/table.ts';
import { isRegister } from '../linear/decide.ts';
import { NEVER } from '../linear/columns.ts';
import { CAS, INITIAL, isObserver, NONE, READ, registerPartsOf, type RegisterPart } from '../linear/register-part.ts';
import type { Model } from '../model/model.ts';

/** The age of one answered read. */
export interface ReadStaleness {
  /** Id of the read. */
  readonly operation: number;
  /** 0 for a read that was up to date. */
  readonly versions: number;
  readonly gapNs: Nanos;
}

/** The ages of the reads of one part, in order of invocation. */
export interface PartStaleness {
  readonly part: string;
  readonly reads: readonly ReadStaleness[];
  /** Reads of values with several possible writers, whose age is not known. */
  readonly leftOut: number;
}

/** The age of every answered read. Nothing for models whose parts are not registers. */
export function staleness<S>(history: History, model: Model<S, Call, Json>): readonly PartStaleness[] {
  if (!isRegister(model)) return [];
  const table = tableOf(history);
  return registerPartsOf(table, model).map(({ name, rows, part }) => {
    const operations = Array.from(rows, (row) => operationAt(table, row));
    const ages = agesOf(part);
    const reads: ReadStaleness[] = [];
    let leftOut = 0;
    operations.forEach(({ id, callNs }, i) => {
      if (part.kind[i] !== READ) return;
      const age = ages[i];
      if (age === undefined) leftOut++;
      else reads.push({ operation: id, versions: age.versions, gapNs: gapNs(operations, callNs, age) });
    });
    return { part: name, reads, leftOut };
  });
}

/** How far behind an observer was; operations by number. */
export interface Age {
  readonly versions: number;
  /** The newer value whose R is earliest: its write, and the operation whose return is that R. NONE where versions is 0. */
  readonly newerWrite: number;
  readonly newerShown: number;
  /** The operation whose return is R(v); NONE for the initial value. */
  readonly ownShown: number;
}

/** The age of each answered observer by number; undefined for other operations and where it is not known. */
export function agesOf(part: RegisterPart): readonly (Age | undefined)[] {
  const { writerOf, shownBy } = values(part);
  const ret = (operation: number): number => (operation === NONE ? -1 : part.ret[operation]!);
  const known = Array.from({ length: part.values.length }, (_none, v) => v).filter((v) => writerOf[v]! >= 0 && shownBy[v] !== NONE);
  // Newer values in order of their write's call, with the earliest R from each on.
  const byCall = known.sort((a, b) => part.call[writerOf[a]!]! - part.call[writerOf[b]!]!);
  const calls = byCall.map((v) => part.call[writerOf[v]!]!);
  const earliestFrom: number[] = [];
  for (let i = byCall.length - 1; i >= 0; i--) {
    const later = earliestFrom[i + 1];
    earliestFrom[i] = later !== undefined && ret(shownBy[later]!) < ret(shownBy[byCall[i]!]!) ? later : byCall[i]!;
  }
  const counts = new Counts(byCall.length);
  const byShown = byCall.map((_v, rank) => rank).sort((a, b) => ret(shownBy[byCall[a]!]!) - ret(shownBy[byCall[b]!]!));
  let counted = 0;
  const ages: (Age | undefined)[] = Array.from({ length: part.count });
  for (const observer of observersByCall(part)) {
    const value = part.needs[observer]!;
    if (writerOf[value] === AMBIGUOUS || (writerOf[value] === NONE && value !== INITIAL)) continue;
    const call = part.call[observer]!;
    while (counted < byShown.length && ret(shownBy[byCall[byShown[counted]!]!]!) < call)
      counts.add(byShown[counted++]!);
    const own = value === INITIAL ? NONE : shownBy[value]!;
    const from = lowerBound(calls, ret(own));
    const versions = counted - counts.below(from);
    const newer = versions === 0 ? undefined : earliestFrom[from]!;
    ages[observer] = {
      versions,
      newerWrite: newer === undefined ? NONE : writerOf[newer]!,
      newerShown: newer === undefined ? NONE : shownBy[newer]!,
      ownShown: own,
    };
  }
  return ages;
}

/** From the earliest R of a newer value to this invocation. */
function gapNs(operations: readonly Operation[], callNs: Nanos, age: Age): Nanos {
  if (age.versions === 0) return 0;
  const { outcome } = operations[age.newerShown]!;
  return outcome.kind === 'ok' ? callNs - outcome.returnNs : 0;
}

/** In place of a writer: the value has several. */
const AMBIGUOUS = -2;

/** By value: its only writer (NONE without one, AMBIGUOUS with several), and the operation whose return is R (NONE without). */
function values(part: RegisterPart): { readonly writerOf: Int32Array; readonly shownBy: Int32Array } {
  const writerOf = new Int32Array(part.values.length).fill(NONE);
  const shownBy = new Int32Array(part.values.length).fill(NONE);
  const show = (value: number, operation: number): void => {
    if (part.ret[operation] === NEVER) return;
    if (shownBy[value] === NONE || part.ret[operation]! < part.ret[shownBy[value]!]!) shownBy[value] = operation;
  };
  for (let i = 0; i < part.count; i++) {
    const written = part.leaves[i]!;
    if (written !== NONE) {
      writerOf[written] = writerOf[written] === NONE && written !== INITIAL ? i : AMBIGUOUS;
      show(written, i);
    }
    if (isObserver(part, i)) show(part.needs[i]!, i);
  }
  return { writerOf, shownBy };
}

function observersByCall(part: RegisterPart): readonly number[] {
  const observers: number[] = [];
  for (let i = 0; i < part.count; i++) {
    if (part.ret[i] !== NEVER && (part.kind[i] === READ || part.kind[i] === CAS)) observers.push(i);
  }
  return observers.sort((a, b) => part.call[a]! - part.call[b]!);
}

/** The first place whose number is larger than `than`, in ascending numbers. */
function lowerBound(ascending: readonly number[], than: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! > than) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Counts of places, with prefix sums in logarithmic time (Fenwick 1994). */
class Counts {
  readonly #sums: Int32Array;

  constructor(length: number) {
    this.#sums = new Int32Array(length + 1);
  }

  add(place: number): void {
    for (let i = place + 1; i < this.#sums.length; i += i & -i) this.#sums[i]!++;
  }

  /** How many were added at places before this one. */
  below(place: number): number {
    let sum = 0;
    for (let i = place; i > 0; i -= i & -i) sum += this.#sums[i]!;
    return sum;
  }
}
