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
  readonly kept: readonly number[];
  /** By operation: for a crashed one that stays, the event after which it is of no use; NEVER where that is not known. */
  readonly expires: Int32Array;
}

export function normalise(part: RegisterPart, options: { readonly keepForMismatches: boolean }): Normalised {
  const useUntil = lastUse(part);
  const lastMismatch = options.keepForMismatches ? lastMismatches(part) : undefined;
  const expires = new Int32Array(part.count).fill(NEVER);
  const crashed: number[] = [];
  for (let i = 0; i < part.count; i++) if (part.ret[i] === NEVER && part.leaves[i] !== NONE) crashed.push(i);
  // A crashed cas is an observer too, for as long as it is of use itself: a value's use can grow until nothing changes.
  for (let changed = true; changed;) {
    changed = false;
    for (const i of crashed) {
      if (part.kind[i] !== CAS || part.needs[i] === part.leaves[i]) continue;
      const until = usefulUntil(part, i, useUntil, lastMismatch);
      const from = part.needs[i]!;
      if (until > part.call[i]! && until > useUntil[from]!) {
        useUntil[from] = until;
        changed = true;
      }
    }
  }
  const kept: number[] = [];
  for (let i = 0; i < part.count; i++) {
    if (part.ret[i] !== NEVER) {
      kept.push(i);
      continue;
    }
    if (part.leaves[i] === NONE || (part.kind[i] === CAS && part.needs[i] === part.leaves[i])) continue;
    expires[i] = usefulUntil(part, i, useUntil, lastMismatch);
    if (expires[i]! > part.call[i]!) kept.push(i);
  }
  return { kept, expires };
}

/** By value: the return of its last answered observer, −1 without one. */
function lastUse(part: RegisterPart): Int32Array {
  const last = new Int32Array(part.values.length).fill(-1);
  for (let i = 0; i < part.count; i++) {
    if (!isObserver(part, i)) continue;
    const value = part.needs[i]!;
    last[value] = Math.max(last[value]!, part.ret[i]!);
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
