/**
 * First in, first out: every value is put in once, and a run ends by taking out what is left. An anomaly is a value that is taken
 * twice, or though nobody put it in; one that was acknowledged and never comes out; two that come out in the wrong order; or
 * "empty" where something must have been in. No operation is a read: whatever takes something out changes the queue.
 */
import { modelNamed, type Call, type Json, type Model } from '../checker/index.ts';
import { uniqueValues, Visits } from './visits.ts';
import type { Generator, Workload, WorkloadOptions } from './workload.ts';
import { answered } from './needs.ts';

/** Less than half, so that queues stay short and are empty now and then. */
const ENQUEUE_SHARE = 0.47;

/** The queue workload. */
export const queueWorkload: Workload<unknown> = {
  name: 'queue',
  about: 'values put into queues, once each, and taken out again; drained at the end',
  model: modelNamed('queue')! as Model<unknown, Call, Json>,
  generator: (slot, _role, options) => putsAndTakes(slot, options),
  needs: [
    answered('enqueue'),
    { what: 'dequeue of a value', has: ({ f }, output) => f === 'dequeue' && output !== null },
  ],
  ending: (key) => ({ next: (last) => (last === null ? null : dequeue(key)) }),
};

function dequeue(key: string): Call {
  return { f: 'dequeue', key, value: null };
}

function putsAndTakes(slot: number, options: WorkloadOptions): Generator {
  const visits = new Visits(options.keys);
  const nextValue = uniqueValues(slot, options);
  return {
    next: (random): Call => {
      const key = visits.next(random);
      return random.chance(ENQUEUE_SHARE) ? { f: 'enqueue', key, value: nextValue() } : dequeue(key);
    },
    saw: () => {},
  };
}
