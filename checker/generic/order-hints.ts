/**
 * A guess at the order in which values were put into a queue, a stack or a list: that in which they came out (of a stack the
 * reverse), or were read. It only says what to try first. Without it a good history of a queue is decided as slowly as a bad one,
 * since a wrong order of two puts shows only when they are taken.
 */
import type { Call, Json } from '../history/operation.ts';
import { NEVER } from '../history/table.ts';
import { Values } from '../history/values.ts';
import type { CollectionAction, Model, UNSEEN } from '../model/model.ts';
import type { OperationClass } from './states.ts';

/** No guess. */
const NONE = -1;

/** What is looked at of a part. */
interface Classified<S> {
  readonly count: number;
  readonly ret: Int32Array;
  readonly model: Model<S, Call, Json>;
  readonly classOf: Int32Array;
  readonly classes: readonly OperationClass[];
}

/** Ranks puts that are in flight together. */
export class OrderHints {
  readonly #isReversed: boolean;
  /** By operation: the number of the value that it puts in, or NONE; whether it takes one out. */
  readonly #putValue: Int32Array;
  readonly #takes: Uint8Array;
  /** By value: the places at which it came out, ascending. */
  /** How many different values are put in or taken out. */
  readonly values: number;
  readonly #places: readonly (readonly number[])[];

  constructor(part: Classified<unknown>) {
    const { model, classOf, classes } = part;
    const values = new Values();
    const actions = classes.map(({ input, output }) => actionOf(model, input, output));
    const putOf = Int32Array.from(actions, (action) => (action?.kind === 'put' ? values.of(action.value) : NONE));
    const takesOf = Uint8Array.from(actions, (action) =>
      Number(action?.kind === 'take' || action?.kind === 'take-unseen'),
    );
    this.#isReversed = model.collection === 'lifo';
    this.#putValue = Int32Array.from(classOf, (operationClass) => putOf[operationClass]!);
    this.#takes = Uint8Array.from(classOf, (operationClass) => takesOf[operationClass]!);
    const places: number[][] = Array.from({ length: values.size }, () => []);
    for (const [place, value] of cameOut(part, actions).entries()) places[values.of(value)]?.push(place);
    this.#places = places;
    this.values = values.size;
  }

  isPut(operation: number): boolean {
    return this.#putValue[operation] !== NONE;
  }

  isTake(operation: number): boolean {
    return this.#takes[operation] === 1;
  }

  /** The number of the value that is put in, −1 where none is. */
  valueOf(operation: number): number {
    return this.#putValue[operation]!;
  }

  /**
   * Of two puts the one with the smaller rank is tried first: the first put of a value is matched with the first time that it
   * came out, the second with the second; on a stack whatever comes out next is put in last.
   * @param puts by value: how many times it was put in so far
   * @param takes how many takes took effect
   */
  rank(operation: number, puts: Int32Array, takes: number): number {
    const value = this.#putValue[operation]!;
    const places = this.#places[value] ?? [];
    return this.#isReversed ? -firstFrom(places, takes) : (places[puts[value]!] ?? NEVER);
  }
}

/** What is put in and taken out where the order of puts shows; a list shows it to whoever reads it. */
function actionOf<S>(
  model: Model<S, Call, Json>,
  input: Call,
  output: Json | typeof UNSEEN,
): CollectionAction | undefined {
  if (model.collection === 'fifo' || model.collection === 'lifo') return model.asCollection?.(input, output);
  if (model.name !== 'list') return undefined;
  if (input.f === 'append') return { kind: 'put', value: input.value };
  return Array.isArray(output) ? { kind: 'read-all', values: output as readonly Json[] } : undefined;
}

/** The values in the order in which takes returned them; of a list those of the longest read. */
function cameOut<S>(
  { count, ret, classOf }: Classified<S>,
  actions: readonly (CollectionAction | undefined)[],
): readonly Json[] {
  const taken: { readonly at: number; readonly value: Json }[] = [];
  let longest: readonly Json[] = [];
  for (const action of actions) {
    if (action?.kind === 'read-all' && action.values.length > longest.length) longest = action.values;
  }
  for (let i = 0; i < count; i++) {
    const action = actions[classOf[i]!];
    if (action?.kind === 'take' && ret[i] !== NEVER) taken.push({ at: ret[i]!, value: action.value });
  }
  return taken.length === 0 ? longest : taken.sort((a, b) => a.at - b.at).map(({ value }) => value);
}

/** The first place that is not below, or NEVER. */
function firstFrom(places: readonly number[], low: number): number {
  let from = 0;
  for (let to = places.length; from < to;) {
    const middle = (from + to) >> 1;
    if (places[middle]! < low) from = middle + 1;
    else to = middle;
  }
  return places[from] ?? NEVER;
}
