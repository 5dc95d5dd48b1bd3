/**
 * Texts: gets, puts and appends, as Porcupine's kv. Every put and every append brings a mark of its own, `<12>`, so that a text
 * says which of them it has seen, and in which order. An anomaly is a text that no order of them gives: an acknowledged mark
 * that is missing, one that stands twice (a retry that was carried out again), marks in two orders, an older text.
 */
import { modelNamed, type Call, type Json, type Model } from '../checker/index.ts';
import { once, readAndWrite } from './needs.ts';
import { uniqueValues, Visits } from './visits.ts';
import { readsOnly } from './witness.ts';
import type { Generator, Workload, WorkloadOptions } from './workload.ts';

const GET_SHARE = 0.4;
/** Often enough that texts stay short. */
const PUT_SHARE = 0.2;

/** The kv workload. */
export const kvWorkload: Workload<unknown> = {
  name: 'kv',
  about: 'gets, puts and appends of texts',
  // A key that was never put reads null on the bundled node.
  model: modelNamed('kv', { initial: null })! as Model<unknown, Call, Json>,
  generator: (slot, role, options) => (role === 'witness' ? readsOnly(options, get) : allThree(slot, options)),
  needs: readAndWrite('get'),
  ending: (key) => once(get(key)),
};

function get(key: string): Call {
  return { f: 'get', key, value: null };
}

function allThree(slot: number, options: WorkloadOptions): Generator {
  const visits = new Visits(options.keys);
  const nextValue = uniqueValues(slot, options);
  return {
    next: (random): Call => {
      const key = visits.next(random);
      const share = random.next();
      if (share < GET_SHARE) return get(key);
      return { f: share < GET_SHARE + PUT_SHARE ? 'put' : 'append', key, value: `<${nextValue()}>` };
    },
    saw: () => {},
  };
}
