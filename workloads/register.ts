/** Reads, and writes of unique values. Half of each. */
import { register, type Call } from '../checker/index.ts';
import { once, readAndWrite } from './needs.ts';
import { uniqueValues, Visits } from './visits.ts';
import { read, readsOnly } from './witness.ts';
import type { Generator, Workload, WorkloadOptions } from './workload.ts';

const READ_SHARE = 0.5;

/** The register workload. */
export const registerWorkload: Workload<unknown> = {
  name: 'register',
  about: 'reads, and writes of unique values',
  model: register,
  generator: (slot, role, options) => (role === 'witness' ? readsOnly(options) : readsAndWrites(slot, options)),
  needs: readAndWrite(),
  ending: (key) => once(read(key)),
};

function readsAndWrites(slot: number, options: WorkloadOptions): Generator {
  const visits = new Visits(options.keys);
  const nextValue = uniqueValues(slot, options);
  return {
    next: (random): Call => {
      const key = visits.next(random);
      return random.chance(READ_SHARE) ? read(key) : { f: 'write', key, value: nextValue() };
    },
    saw: () => {},
  };
}
