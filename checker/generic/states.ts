/**
 * The states of a model, numbered, and what each class of operation makes of them. `model.step` is called once for a pair of
 * state and class; from then on the answer is a look-up. Equal states get equal numbers by `model.key`, as long as keys are
 * short: where a state is a list of thousands, writing its key costs more than the step, so a new state then stays a number of
 * its own until somebody asks for its `canonical` one (which a search without dead ends never does).
 */
import type { Call, Json } from '../history/operation.ts';
import { REJECTED, type Model, type UNSEEN } from '../model/model.ts';
import { spread } from './spread.ts';

/** The state after a step that is not possible. */
export const IMPOSSIBLE = -1;

const UNTRIED = -2;
const NOT_KEYED = -1;

/** Keys longer than this are written only when needed. */
const EAGER_KEY_MAX = 256;
/** Entries of the dense part of the table; states beyond it are looked up by hash. */
const DENSE_MAX = 1 << 20;
const DENSE_CLASSES_MAX = 256;
/** What a state and its key are reckoned at, besides the characters and elements in them. */
const STATE_BYTES = 120;

/** What is asked of the model for one class of operations. */
export interface OperationClass {
  readonly input: Call;
  readonly output: Json | typeof UNSEEN;
  /** Never changes the state. */
  readonly isRead: boolean;
}

/** States and transitions of one part's search. */
export class States<S> {
  readonly #model: Model<S, Call, Json>;
  readonly #classes: readonly OperationClass[];
  readonly #states: S[] = [];
  readonly #numbers = new Map<string | number, number>();
  /** By state: the number of the first one with an equal key, NOT_KEYED until that was asked. */
  #canonical: Int32Array = new Int32Array(64);
  #isEager = true;
  #stateBytes = 0;
  #dense: Int32Array;
  readonly #denseStates: number;
  /** Open addressing: state, class, state after, three words an entry. */
  #sparse: Int32Array = new Int32Array(3 * 64).fill(NOT_KEYED);
  #sparseMask = 63;
  #sparseCount = 0;
  /** How often the model was asked. */
  calls = 0;

  constructor(model: Model<S, Call, Json>, classes: readonly OperationClass[]) {
    this.#model = model;
    this.#classes = classes;
    const isDense = classes.length <= DENSE_CLASSES_MAX;
    this.#denseStates = isDense ? Math.floor(DENSE_MAX / Math.max(1, classes.length)) : 0;
    this.#dense = new Int32Array(isDense ? 16 * classes.length : 0).fill(UNTRIED);
    this.#add(model.initial, this.#eagerKey(model.initial));
  }

  /** The number of the model's initial state. */
  get initial(): number {
    return 0;
  }

  get count(): number {
    return this.#states.length;
  }

  /** What all of it takes, about. */
  get bytes(): number {
    return this.#stateBytes + 4 * (this.#canonical.length + this.#dense.length + this.#sparse.length);
  }

  value(state: number): S {
    return this.#states[state]!;
  }

  /** The state after an operation of this class, `state` itself where it changes nothing, or IMPOSSIBLE. */
  next(state: number, operationClass: number): number {
    if (state < this.#denseStates) {
      const at = state * this.#classes.length + operationClass;
      const known = at < this.#dense.length ? this.#dense[at]! : UNTRIED;
      return known === UNTRIED ? this.#fillDense(at, state, operationClass) : known;
    }
    const table = this.#sparse;
    for (let at = spread(state, operationClass) & this.#sparseMask; ; at = (at + 1) & this.#sparseMask) {
      const found = table[3 * at]!;
      if (found === NOT_KEYED) return this.#fillSparse(state, operationClass);
      if (found === state && table[3 * at + 1] === operationClass) return table[3 * at + 2]!;
    }
  }

  /** The smallest number of an equal state that was asked for. */
  canonical(state: number): number {
    const known = this.#canonical[state]!;
    if (known !== NOT_KEYED) return known;
    const key = this.#model.key(this.#states[state]!);
    const first = this.#numbers.get(key);
    if (first === undefined) this.#remember(key, state);
    return (this.#canonical[state] = first ?? state);
  }

  #fillDense(at: number, state: number, operationClass: number): number {
    const next = this.#step(state, operationClass);
    while (at >= this.#dense.length) this.#dense = grown(this.#dense, UNTRIED);
    return (this.#dense[at] = next);
  }

  #fillSparse(state: number, operationClass: number): number {
    const next = this.#step(state, operationClass);
    if (2 * ++this.#sparseCount > this.#sparseMask) this.#rehash();
    this.#put(state, operationClass, next);
    return next;
  }

  #put(state: number, operationClass: number, next: number): void {
    let at = spread(state, operationClass) & this.#sparseMask;
    while (this.#sparse[3 * at] !== NOT_KEYED) at = (at + 1) & this.#sparseMask;
    this.#sparse[3 * at] = state;
    this.#sparse[3 * at + 1] = operationClass;
    this.#sparse[3 * at + 2] = next;
  }

  #rehash(): void {
    const old = this.#sparse;
    this.#sparse = new Int32Array(2 * old.length).fill(NOT_KEYED);
    this.#sparseMask = 2 * this.#sparseMask + 1;
    for (let at = 0; at < old.length; at += 3) {
      if (old[at] !== NOT_KEYED) this.#put(old[at]!, old[at + 1]!, old[at + 2]!);
    }
  }

  #step(state: number, operationClass: number): number {
    this.calls++;
    const { input, output, isRead } = this.#classes[operationClass]!;
    const before = this.#states[state]!;
    const after = this.#model.step(before, input, output);
    if (after === REJECTED) return IMPOSSIBLE;
    if (isRead || after === before) return state;
    const key = this.#isEager ? this.#eagerKey(after) : undefined;
    if (key === undefined) return this.#add(after, undefined);
    return this.#numbers.get(key) ?? this.#add(after, key);
  }

  #eagerKey(state: S): string | number {
    const key = this.#model.key(state);
    if (typeof key === 'string' && key.length > EAGER_KEY_MAX) this.#isEager = false;
    return key;
  }

  #add(state: S, key: string | number | undefined): number {
    const number = this.#states.push(state) - 1;
    if (number === this.#canonical.length) this.#canonical = grown(this.#canonical, NOT_KEYED);
    this.#canonical[number] = key === undefined ? NOT_KEYED : number;
    this.#stateBytes += STATE_BYTES + sizeOf(state);
    if (key !== undefined) this.#remember(key, number);
    return number;
  }

  #remember(key: string | number, state: number): void {
    this.#numbers.set(key, state);
    if (typeof key === 'string') this.#stateBytes += 2 * key.length;
  }
}

function grown(from: Int32Array, filling: number): Int32Array {
  const into = new Int32Array(2 * from.length).fill(filling, from.length);
  into.set(from);
  return into;
}

/** Bytes of a state, by its outermost layer. */
function sizeOf(state: unknown): number {
  if (typeof state === 'string') return 2 * state.length;
  if (Array.isArray(state)) return 8 * state.length;
  if (state instanceof Map || state instanceof Set) return 40 * state.size;
  return typeof state === 'object' && state !== null ? 24 * Object.keys(state).length : 0;
}
