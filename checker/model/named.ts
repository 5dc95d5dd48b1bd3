/** The models by name. */
import type { Call, Json } from '../history/operation.ts';
import { queue, stack, unorderedQueue } from './collections.ts';
import { counter } from './counter.ts';
import { kv } from './kv.ts';
import { list } from './list.ts';
import { lock } from './lock.ts';
import type { Model } from './model.ts';
import { multiRegister } from './multi-register.ts';
import { casRegister, register, registers } from './registers.ts';
import { set } from './set.ts';

/** How a model may be varied. */
export interface ModelOptions {
  /**
   * What each object holds before the first operation: any value for the registers and kv, an array for queues, stack, set and
   * list, a whole number for a counter, 'free' or 'held' for a lock.
   */
  readonly initial?: Json;
}

type Maker = (options: ModelOptions) => Model<Json, Call, Json>;

/** From the smallest to the largest vocabulary: the first that knows every operation of a history is guessed. */
const MAKERS: Readonly<Record<string, Maker>> = {
  register: ({ initial }) => (initial === undefined ? register : registers({ initial, cas: false })),
  'cas-register': ({ initial }) => (initial === undefined ? casRegister : registers({ initial })),
  'multi-register': multiRegister,
  kv,
  queue,
  'unordered-queue': unorderedQueue,
  stack,
  set,
  lock,
  counter,
  list,
};

const ALIASES: Readonly<Record<string, string>> = { mutex: 'lock', 'fifo-queue': 'queue', bag: 'unordered-queue' };

/** The names of all models. `modelNamed` knows `mutex`, `fifo-queue` and `bag` as well. */
export const modelNames: readonly string[] = Object.keys(MAKERS);

/** The models by name, with their usual initial values. */
export const models: ReadonlyMap<string, Model<Json, Call, Json>> = new Map(
  modelNames.map((name) => [name, MAKERS[name]!({})]),
);

/**
 * The model of this name; undefined where there is none.
 * @throws ModelError for an initial value that objects of this kind cannot hold
 */
export function modelNamed(name: string, options: ModelOptions = {}): Model<Json, Call, Json> | undefined {
  const proper = Object.hasOwn(ALIASES, name) ? ALIASES[name]! : name;
  if (!Object.hasOwn(MAKERS, proper)) return undefined;
  if (options.initial === undefined) return models.get(proper);
  const model = MAKERS[proper]!(options);
  NAMED.set(model, { name: proper, initial: options.initial });
  return model;
}

/** A model of the library, by name: what can be sent to another thread, where functions cannot. */
export interface ModelReference extends ModelOptions {
  readonly name: string;
}

const NAMED = new WeakMap<object, ModelReference>();

/** By what name and options `modelNamed` gives this very model; undefined for every other, whatever it is called. */
export function referenceOf(model: object): ModelReference | undefined {
  for (const [name, known] of models) if (known === model) return { name };
  return NAMED.get(model);
}
