/**
 * A part that is one register, as columns of register actions with numbered values. Which operation can have written what
 * another one saw is known here, and with it what crashed operations can still matter.
 */
import type { Call, Json, Operation } from '../history/operation.ts';
import { Interner } from '../model/json.ts';
import { UNSEEN, type Model } from '../model/model.ts';
import { columnsOf, NEVER, type Columns } from './columns.ts';

/** Kinds of action, as they stand in the column. */
export const READ = 0;
export const WRITE = 1;
export const CAS = 2;
/** A compare-and-set answered "no": a negative observer, which saw that the value was another one. */
export const MISMATCH = 3;
/** A crashed read: no constraint at all. */
export const NOTHING = 4;

/** No value. */
export const NONE = -1;

/** One register's operations. Values are numbers into `values`; the initial value is number 0. */
export interface RegisterPart extends Columns {
  readonly kind: Uint8Array;
  /** What a READ saw, a CAS expected, a MISMATCH did not see; else NONE. */
  readonly needs: Int32Array;
  /** What a WRITE or a CAS leaves; else NONE. */
  readonly leaves: Int32Array;
  readonly values: readonly Json[];
}

/** The number of the initial value. */
export const INITIAL = 0;

/** Numbers events and values of one part. @throws ModelError for an operation that is not the model's */
export function registerPartOf<S>(
  operations: readonly Operation[],
  model: Model<S, Call, Json> & { readonly asRegister: NonNullable<Model<S, Call, Json>['asRegister']> },
): RegisterPart {
  const columns = columnsOf(operations);
  const interner = new Interner();
  interner.number(model.initial as Json);
  const kind = new Uint8Array(columns.count);
  const needs = new Int32Array(columns.count).fill(NONE);
  const leaves = new Int32Array(columns.count).fill(NONE);
  operations.forEach(({ input, outcome }, i) => {
    const action = model.asRegister(input, outcome.kind === 'ok' ? outcome.output : UNSEEN);
    switch (action.kind) {
      case 'read':
        kind[i] = READ;
        needs[i] = interner.number(action.value);
        break;
      case 'write':
        kind[i] = WRITE;
        leaves[i] = interner.number(action.value);
        break;
      case 'cas':
        kind[i] = CAS;
        needs[i] = interner.number(action.from);
        leaves[i] = interner.number(action.to);
        break;
      case 'mismatch':
        kind[i] = MISMATCH;
        needs[i] = interner.number(action.not);
        break;
      case 'nothing':
        kind[i] = NOTHING;
        break;
    }
  });
  return { ...columns, kind, needs, leaves, values: interner.values };
}

/** True where the operation proves, by having returned, that the register once held `needs`. */
export function isObserver(part: RegisterPart, i: number): boolean {
  return part.ret[i] !== NEVER && (part.kind[i] === READ || part.kind[i] === CAS);
}
