/**
 * Sets: values are added once each, removed again, and all are read. An anomaly is a value that is missing though it was added
 * and not removed, one that is in though nobody added it or after it was removed, and an addition or removal that was answered
 * "no" although it must have changed the set (a retry that was carried out twice).
 */
import { modelNamed, type Call, type Json, type Model } from '../checker/index.ts';
import { once, readAndWrite } from './needs.ts';
import { uniqueValues, Visits } from './visits.ts';
import { read, readsOnly } from './witness.ts';
import type { Generator, Workload, WorkloadOptions } from './workload.ts';

const READ_SHARE = 0.4;
/** Of the changes, while few values are in; later clients remove more than they add, so that answers stay small. */
const ADD_SHARE = 0.7;
const ADD_SHARE_WHEN_MANY = 0.2;
const MANY = 12;

/** The set workload. */
export const setWorkload: Workload<unknown> = {
  name: 'set',
  about: 'values added to sets, once each, removed again, and reads of all of them',
  model: modelNamed('set')! as Model<unknown, Call, Json>,
  generator: (slot, role, options) => (role === 'witness' ? readsOnly(options) : allThree(slot, options)),
  needs: readAndWrite(),
  ending: (key) => once(read(key)),
};

function allThree(slot: number, options: WorkloadOptions): Generator {
  const visits = new Visits(options.keys);
  const nextValue = uniqueValues(slot, options);
  /** What this client last read, by key. */
  const seen = new Map<string, readonly Json[]>();
  return {
    next: (random): Call => {
      const key = visits.next(random);
      if (random.chance(READ_SHARE)) return read(key);
      const values = seen.get(key) ?? [];
      const addShare = values.length < MANY ? ADD_SHARE : ADD_SHARE_WHEN_MANY;
      if (values.length === 0 || random.chance(addShare)) return { f: 'add', key, value: nextValue() };
      return { f: 'remove', key, value: random.pick(values) };
    },
    saw: ({ f, key, value }, result) => {
      if (f === 'read' && result.kind === 'ok') seen.set(key!, result.output as readonly Json[]);
      // Two clients may try to remove the same value; one client has no reason to try it twice.
      if (f === 'remove')
        seen.set(
          key!,
          (seen.get(key!) ?? []).filter((it) => it !== value),
        );
    },
  };
}
