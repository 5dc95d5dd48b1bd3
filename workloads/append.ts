/**
 * Lists that only grow: values are appended, once each, and the whole list is read, so that a single read tells an order of all
 * that came before. An anomaly is a list that misses an acknowledged value, has one twice, or contradicts the order of another.
 *
 * A list that grew as long as the run would make every answer as long as the run. So a list that is long is left for the
 * next one: after `x` come `x.2`, `x.3` …, each client going on when it has seen the end of what it is at (Jepsen limits
 * the appends of a key for the same reason).
 */
import { modelNamed, type Call, type Json, type Model } from '../checker/index.ts';
import { readAndWrite } from './needs.ts';
import { uniqueValues, Visits } from './visits.ts';
import { read } from './witness.ts';
import type { Generator, Workload, WorkloadOptions } from './workload.ts';

const READ_SHARE = 0.5;
const LONG = 48;

/** The append workload. */
export const appendWorkload: Workload<unknown> = {
  name: 'append',
  about: 'values appended to lists, once each, and reads of whole lists',
  model: modelNamed('list')! as Model<unknown, Call, Json>,
  generator: (slot, role, options) => readsAndAppends(slot, role === 'witness' ? 1 : READ_SHARE, options),
  needs: readAndWrite(),
  ending: (key) => {
    const lists = new Lists();
    return {
      // Nobody goes on to a list before its predecessor is long, so that the first empty one is the last.
      next: (last) => {
        if (last !== undefined && !lists.leave(key, last)) return null;
        return read(lists.of(key));
      },
    };
  },
};

function readsAndAppends(slot: number, readShare: number, options: WorkloadOptions): Generator {
  const visits = new Visits(options.keys);
  const nextValue = uniqueValues(slot, options);
  const lists = new Lists();
  return {
    next: (random): Call => {
      // A witness that stayed on one key could miss what became of the others.
      const key = lists.of(readShare === 1 ? random.pick(options.keys) : visits.next(random));
      return random.chance(readShare) ? read(key) : { f: 'append', key, value: nextValue() };
    },
    saw: ({ f, key }, result) => {
      if (f === 'read' && result.kind === 'ok') lists.leave(keyOfRun(key!), result.output);
    },
  };
}

/** Which list of each key somebody is at. */
class Lists {
  readonly #nth = new Map<string, number>();

  of(key: string): string {
    const nth = this.#nth.get(key) ?? 1;
    return nth === 1 ? key : `${key}.${nth}`;
  }

  /** Goes on to the next list of the key if this one, of which `seen` was read, is long. */
  leave(key: string, seen: Json): boolean {
    if ((seen as readonly Json[]).length < LONG) return false;
    this.#nth.set(key, (this.#nth.get(key) ?? 1) + 1);
    return true;
  }
}

/** `x` of `x.3`. */
function keyOfRun(list: string): string {
  return list.split('.')[0]!;
}
