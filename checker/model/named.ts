/** The models by name. */
import type { Call, Json } from '../history/operation.ts';
import { queue, stack, unorderedQueue } from './collections.ts';
import { counter } from './counter.ts';
import { kv } from './kv.ts';
import { list } from './list.ts';
import { lock } from './lock.ts';
import type { Model } from './model.ts';
import { multiRegister } from './multi-register.ts';
import { registers } from './registers.ts';
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
  register: (options) => registers({ ...options, cas: false }),
  'cas-register': (options) => registers(options),
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
  return options.initial === undefined ? models.get(proper) : MAKERS[proper]!(options);
}
