/**
 * Stage 0: takes out what cannot matter. A crashed read shows nothing. A crashed write or compare-and-set whose new value
 * nobody observed after its call can be left out of any linearization that has it, because no operation stands between its
 * effect and the next change; leaving out a crashed compare-and-set may leave the value before it unobserved in turn, so
 * this goes on to a fixpoint. The others expire: once the last observer of their value returned they are of no use.
 *
 * A *negative* observer (an answered mismatch: the value was not e) can need any crashed write of another value, observed or
 * not. `keepForMismatches` says whether the crashed operations that only a negative observer could need stay in.
 */
import { NEVER } from './columns.ts';
import { CAS, isObserver, MISMATCH, NONE, type RegisterPart } from './register-part.ts';

/** The operations that stay. */
export interface Normalised {
  /** Numbers of the operations that stay, ascending. */
  readonly kept: Int32Array;
  /** For crashed operations that stay, by number: the event after which it is of no use. */
  readonly expires: ReadonlyMap<number, number>;
}

export function normalise(part: RegisterPart, options: { readonly keepForMismatches: boolean }): Normalised {
  const { count, ret, call, kind, needs, leaves } = part;
  const crashed: number[] = [];
  for (let i = 0; i < count; i++) if (ret[i] === NEVER && leaves[i] !== NONE) crashed.push(i);
  const useUntil = crashed.length === 0 ? undefined : lastUse(part);
  const lastMismatch = options.keepForMismatches ? lastMismatches(part) : undefined;
  // A crashed cas is an observer too, for as long as it is of use itself: a value's use can grow until nothing changes.
  for (let changed = useUntil !== undefined; changed;) {
    changed = false;
    for (const i of crashed) {
      if (kind[i] !== CAS || needs[i] === leaves[i]) continue;
      const until = usefulUntil(part, i, useUntil!, lastMismatch);
      const from = needs[i]!;
      if (until > call[i]! && until > useUntil![from]!) {
        useUntil![from] = until;
        changed = true;
      }
    }
  }
  const expires = new Map<number, number>();
  for (const i of crashed) {
    if (kind[i] === CAS && needs[i] === leaves[i]) continue;
    const until = usefulUntil(part, i, useUntil!, lastMismatch);
    if (until > call[i]!) expires.set(i, until);
  }
  return { kept: keptOf(part, expires), expires };
}

function keptOf({ count, ret }: RegisterPart, expires: ReadonlyMap<number, number>): Int32Array {
  const kept = new Int32Array(count);
  let size = 0;
  for (let i = 0; i < count; i++) if (ret[i] !== NEVER || expires.has(i)) kept[size++] = i;
  return kept.subarray(0, size);
}

/** By value: the return of its last answered observer, −1 without one. */
function lastUse(part: RegisterPart): Int32Array {
  const last = new Int32Array(part.values.length).fill(-1);
  for (let i = 0; i < part.count; i++) {
    if (!isObserver(part, i)) continue;
    const value = part.needs[i]!;
    if (part.ret[i]! > last[value]!) last[value] = part.ret[i]!;
  }
  return last;
}

/** The last return of a negative observer, and the last one of a negative observer of another value than the first's. */
interface LastMismatches {
  readonly first: number;
  readonly value: number;
  readonly other: number;
}

function lastMismatches(part: RegisterPart): LastMismatches {
  let first = -1;
  let value = NONE;
  let other = -1;
  for (let i = 0; i < part.count; i++) {
    if (part.kind[i] !== MISMATCH) continue;
    const ret = part.ret[i]!;
    const not = part.needs[i]!;
    if (not === value) {
      first = Math.max(first, ret);
    } else if (ret > first) {
      other = first;
      first = ret;
      value = not;
    } else {
      other = Math.max(other, ret);
    }
  }
  return { first, value, other };
}

function usefulUntil(
  part: RegisterPart,
  i: number,
  useUntil: Int32Array,
  mismatches: LastMismatches | undefined,
): number {
  const leaves = part.leaves[i]!;
  const observed = useUntil[leaves]!;
  if (mismatches === undefined) return observed;
  return Math.max(observed, leaves === mismatches.value ? mismatches.other : mismatches.first);
}

/** True if the part has a negative observer. */
export function hasMismatch(part: RegisterPart): boolean {
  return part.kind.includes(MISMATCH);
}

/** The operations that stay without the negative observers. */
export function withoutMismatches(part: RegisterPart, { kept, expires }: Normalised): Normalised {
  return { kept: kept.filter((i) => part.kind[i] !== MISMATCH), expires };
}
