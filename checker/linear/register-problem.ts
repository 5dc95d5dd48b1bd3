/**
 * What the register search works on: the kept operations' events in order, a slot for each operation while it is in flight,
 * and what is known of each beforehand.
 */
import { NEVER, type Columns } from './columns.ts';
import type { Normalised } from './normalise.ts';
import { CAS, INITIAL, MISMATCH, NONE, READ, WRITE, type RegisterPart } from './register-part.ts';
import type { Zones } from './zones.ts';

/** Kinds of event, in the low bits. EXPIRE: a crashed operation that nobody can need any more gives its slot back. */
export const CALL = 0;
const RETURN = 1;
export const EXPIRE = 2;

/** Operations are numbered as in the part; only those with events take part. */
export interface RegisterProblem {
  /** In order: operation × 4 + kind. */
  readonly events: Int32Array;
  /** By operation. */
  readonly slotOf: Int32Array;
  readonly slots: number;
  /** READ, WRITE, CAS or MISMATCH. A compare-and-set from a value to the same is a READ: it only shows. */
  readonly kind: Uint8Array;
  readonly needs: Int32Array;
  readonly leaves: Int32Array;
  readonly call: Int32Array;
  /** NEVER for a crashed one. */
  readonly ret: Int32Array;
  /** True where somebody may still want the operation's new value after its own return. */
  readonly isWanted: Uint8Array;
  /** Which of two blind writes to try first: the smaller. A good guess makes a good history cost no backtracking. */
  readonly rank: Int32Array;
  /** By value: how many operations write it. */
  readonly writers: Int32Array;
  /** By value: the event of the first call of an operation that writes it; −1 for the initial value, NEVER without one. */
  readonly firstWrite: Int32Array;
  readonly values: number;
}

/** The problem of one register after normalisation. States are value numbers; the first is INITIAL. */
export function registerProblem(
  part: RegisterPart,
  { kept, expires }: Normalised,
  zones: Zones | undefined,
): RegisterProblem {
  const { needs, leaves, ret, call } = part;
  const values = part.values.length;
  const kind = part.kind.slice();
  const wantedUntil = new Int32Array(values).fill(-1);
  const writers = new Int32Array(values);
  const firstWrite = new Int32Array(values).fill(NEVER);
  firstWrite[INITIAL] = -1;
  let mismatchUntil = -1;
  for (let k = 0; k < kept.length; k++) {
    const i = kept[k]!;
    if (kind[i] === CAS && needs[i] === leaves[i]) kind[i] = READ;
    const until = ret[i] === NEVER ? (expires.get(i) ?? NEVER) : ret[i]!;
    if (kind[i] === MISMATCH) mismatchUntil = Math.max(mismatchUntil, until);
    else if (kind[i] !== WRITE && until > wantedUntil[needs[i]!]!) wantedUntil[needs[i]!] = until;
    if (kind[i] === WRITE || kind[i] === CAS) {
      const value = leaves[i]!;
      writers[value]!++;
      if (call[i]! < firstWrite[value]!) firstWrite[value] = call[i]!;
    }
  }
  const isWanted = new Uint8Array(part.count);
  const rank = zones === undefined ? ret : new Int32Array(part.count);
  for (let k = 0; k < kept.length; k++) {
    const i = kept[k]!;
    if (kind[i] !== WRITE && kind[i] !== CAS) continue;
    isWanted[i] = Number(wantedUntil[leaves[i]!]! > ret[i]! || mismatchUntil > ret[i]!);
    if (zones !== undefined) rank[i] = zones.rank[leaves[i]!] ?? ret[i]!;
  }
  return {
    ...layOut(part, kept, expires),
    kind,
    needs,
    leaves,
    call,
    ret,
    isWanted,
    rank,
    writers,
    firstWrite,
    values,
  };
}

/** Events of the kept operations in order, and a slot for each: one that is free at its call. */
function layOut(
  { call, ret, end, count }: Columns,
  kept: Int32Array,
  expires: ReadonlyMap<number, number>,
): Pick<RegisterProblem, 'events' | 'slotOf' | 'slots'> {
  const at = new Int32Array(end).fill(NONE);
  for (let k = 0; k < kept.length; k++) {
    const i = kept[k]!;
    at[call[i]!] = (i << 2) | CALL;
    if (ret[i] !== NEVER) at[ret[i]!] = (i << 2) | RETURN;
  }
  const expiring = [...expires].filter(([, event]) => event !== NEVER).sort(([, a], [, b]) => a - b);
  const events = new Int32Array(2 * kept.length);
  const slotOf = new Int32Array(count).fill(NONE);
  const free: number[] = [];
  let slots = 0;
  let size = 0;
  let nextExpiring = 0;
  for (let index = 0; index < end; index++) {
    const event = at[index]!;
    if (event !== NONE) {
      events[size++] = event;
      const operation = event >> 2;
      if ((event & 3) === CALL) slotOf[operation] = free.pop() ?? slots++;
      else free.push(slotOf[operation]!);
    }
    for (; nextExpiring < expiring.length && expiring[nextExpiring]![1] === index; nextExpiring++) {
      const operation = expiring[nextExpiring]![0];
      events[size++] = (operation << 2) | EXPIRE;
      free.push(slotOf[operation]!);
    }
  }
  return { events: events.subarray(0, size), slotOf, slots };
}
