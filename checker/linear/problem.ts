/**
 * What the search searches: a list of events over slots, and a step function over numbered states. A slot belongs to an
 * operation from its call to its return (or until it is of no use), so the sets that the search remembers are as wide as the
 * history is concurrent, not as long as it is.
 */
import type { Call, Json, Operation } from '../history/operation.ts';
import { REJECTED, UNSEEN, type Model } from '../model/model.ts';
import { columnsOf, NEVER, type Columns } from './columns.ts';
import type { Normalised } from './normalise.ts';
import { CAS, INITIAL, MISMATCH, NONE, NOTHING, READ, WRITE, type RegisterPart } from './register-part.ts';
import type { Zones } from './zones.ts';

/** Kinds of event: the low two bits of an event, the operation being the rest. */
export const CALL = 0;
const RETURN = 1;
/** The slot is freed though the operation never returned. */
export const EXPIRE = 2;

/** Nobody can want the value of a blind write after its return. */
export const UNWANTED = 0;
/** Only a negative observer can. */
const WANTED_BY_MISMATCH = 1;
/** An observer of the value returns later. */
export const WANTED = 2;

/** The state after a step that is not possible. */
export const IMPOSSIBLE = -1;

/** Operations are numbered as in the part; only those with events take part. */
export interface Problem {
  /** In order: operation × 4 + kind. */
  readonly events: readonly number[];
  /** By operation. */
  readonly slotOf: Int32Array;
  readonly slots: number;
  readonly crashed: Uint8Array;
  /** Never changes the state: may take effect as soon as it is legal, since that costs nothing. */
  readonly pure: Uint8Array;
  /** For a blind write (legal everywhere, the state after it is always the same) that state, else NONE. */
  readonly blind: Int32Array;
  /** The only state in which the operation is legal, or NONE where there are several or it is not known. */
  readonly needs: Int32Array;
  /** The negative observers: legal in every state but one. */
  readonly negative: Uint8Array;
  /** For a blind write: who can still want its value after its return. */
  readonly wanted: Uint8Array;
  /** Which of two blind writes to try first: the smaller. A good guess makes a good history cost no backtracking. */
  readonly rank: Int32Array;
  readonly initial: number;
  readonly step: (state: number, operation: number) => number;
}

/** The problem of one register after normalisation. States are value numbers. */
export function registerProblem(part: RegisterPart, { kept, expires }: Normalised, zones: Zones | undefined): Problem {
  const { count, kind, needs, leaves } = part;
  const pure = new Uint8Array(count);
  const negative = new Uint8Array(count);
  const blind = new Int32Array(count).fill(NONE);
  const needed = new Int32Array(count).fill(NONE);
  const rank = new Int32Array(count);
  const valueWanted = new Int32Array(part.values.length).fill(-1);
  let mismatchUntil = -1;
  for (const i of kept) {
    const value = needs[i]!;
    const until = part.ret[i] === NEVER ? expires[i]! : part.ret[i]!;
    if (kind[i] === MISMATCH) mismatchUntil = Math.max(mismatchUntil, until);
    else if (value !== NONE) valueWanted[value] = Math.max(valueWanted[value]!, until);
  }
  const wanted = new Uint8Array(count);
  for (const i of kept) {
    pure[i] = Number(kind[i] === READ || kind[i] === MISMATCH || kind[i] === NOTHING);
    negative[i] = Number(kind[i] === MISMATCH);
    if (kind[i] === READ || kind[i] === CAS) needed[i] = needs[i]!;
    if (kind[i] === WRITE) blind[i] = leaves[i]!;
    rank[i] = zones === undefined || leaves[i] === NONE ? part.ret[i]! : zones.key[zones.blockOf[leaves[i]!]!]!;
    if (leaves[i] === NONE) continue;
    if (valueWanted[leaves[i]!]! > part.ret[i]!) wanted[i] = WANTED;
    else if (mismatchUntil > part.ret[i]!) wanted[i] = WANTED_BY_MISMATCH;
  }
  const step = (state: number, i: number): number => {
    switch (kind[i]!) {
      case READ:
        return state === needs[i] ? state : IMPOSSIBLE;
      case WRITE:
        return leaves[i]!;
      case CAS:
        return state === needs[i] ? leaves[i]! : IMPOSSIBLE;
      case MISMATCH:
        return state === needs[i] ? IMPOSSIBLE : state;
      default:
        return state;
    }
  };
  const crashed = Uint8Array.from(part.ret, (ret) => Number(ret === NEVER));
  return {
    ...layOut(part, kept, expires),
    crashed,
    pure,
    blind,
    needs: needed,
    negative,
    wanted,
    rank,
    initial: INITIAL,
    step,
  };
}

/** The problem of one part of any model: nothing is known but `step`. Also gives the states by number. */
export function modelProblem<S>(
  operations: readonly Operation[],
  model: Model<S, Call, Json>,
): { readonly problem: Problem; readonly states: readonly S[] } {
  const columns = columnsOf(operations);
  const isRead = (i: number): boolean => model.isRead?.(operations[i]!.input) === true;
  const kept = Array.from({ length: columns.count }, (_none, i) => i).filter(
    (i) => columns.ret[i] !== NEVER || !isRead(i),
  );
  const states: S[] = [];
  const numbers = new Map<string | number, number>();
  const number = (state: S): number => {
    const key = model.key(state);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.push(state) - 1);
    return states.length - 1;
  };
  const step = (state: number, i: number): number => {
    const { input, outcome } = operations[i]!;
    const next = model.step(states[state]!, input, outcome.kind === 'ok' ? outcome.output : UNSEEN);
    return next === REJECTED ? IMPOSSIBLE : number(next);
  };
  const nothing = new Int32Array(columns.count).fill(NONE);
  const problem: Problem = {
    ...layOut(
      columns,
      kept,
      nothing.map(() => NEVER),
    ),
    crashed: Uint8Array.from(columns.ret, (ret) => Number(ret === NEVER)),
    pure: Uint8Array.from(kept.length === 0 ? [] : operations, (_operation, i) => Number(isRead(i))),
    blind: nothing,
    needs: nothing,
    negative: new Uint8Array(columns.count),
    wanted: new Uint8Array(columns.count),
    rank: columns.ret,
    initial: number(model.initial),
    step,
  };
  return { problem, states };
}

/** Events of the kept operations in order, and a slot for each: the lowest that is free at its call. */
function layOut(
  { call, ret, end }: Columns,
  kept: readonly number[],
  expires: Int32Array,
): Pick<Problem, 'events' | 'slotOf' | 'slots'> {
  const at = new Int32Array(end).fill(-1);
  const expiring = new Map<number, number[]>();
  for (const i of kept) {
    at[call[i]!] = i * 4 + CALL;
    if (ret[i] !== NEVER) at[ret[i]!] = i * 4 + RETURN;
    else if (expires[i] !== NEVER) expiring.set(expires[i]!, [...(expiring.get(expires[i]!) ?? []), i]);
  }
  const events: number[] = [];
  const slotOf = new Int32Array(call.length).fill(-1);
  const free: number[] = [];
  let slots = 0;
  for (let index = 0; index < end; index++) {
    const event = at[index]!;
    if (event !== -1) {
      events.push(event);
      const operation = event >> 2;
      if ((event & 3) === CALL) slotOf[operation] = free.pop() ?? slots++;
      else free.push(slotOf[operation]!);
    }
    for (const operation of expiring.get(index) ?? []) {
      events.push(operation * 4 + EXPIRE);
      free.push(slotOf[operation]!);
    }
  }
  return { events, slotOf, slots };
}
