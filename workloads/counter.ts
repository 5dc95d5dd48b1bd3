/**
 * Sums: every client adds numbers that nobody else adds, so that a sum says much about what is in it. An anomaly is a sum that
 * no choice of the additions gives: one that misses an acknowledged addition, has one twice, or was overtaken.
 */
import { modelNamed, type Call, type Json, type Model } from '../checker/index.ts';
import { once, readAndWrite } from './needs.ts';
import { uniqueValues, Visits } from './visits.ts';
import { read, readsOnly } from './witness.ts';
import type { Generator, Workload, WorkloadOptions } from './workload.ts';

const READ_SHARE = 0.5;

/** The counter workload. */
export const counterWorkload: Workload<unknown> = {
  name: 'counter',
  about: 'different numbers added to counters, and reads of the sum',
  model: modelNamed('counter')! as Model<unknown, Call, Json>,
  generator: (slot, role, options) => (role === 'witness' ? readsOnly(options) : readsAndAdds(slot, options)),
  needs: readAndWrite(),
  ending: (key) => once(read(key)),
};

function readsAndAdds(slot: number, options: WorkloadOptions): Generator {
  const visits = new Visits(options.keys);
  const nextValue = uniqueValues(slot, options);
  return {
    next: (random): Call => {
      const key = visits.next(random);
      return random.chance(READ_SHARE) ? read(key) : { f: 'add', key, value: nextValue() };
    },
    saw: () => {},
  };
}
