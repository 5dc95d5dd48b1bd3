/** What witnesses ask: reads, of any key. */
import type { Call } from '../checker/index.ts';
import type { Generator, WorkloadOptions } from './workload.ts';

/** A read of one key. */
export function read(key: string): Call {
  return { f: 'read', key, value: null };
}

/** Reads of keys drawn evenly: a witness that stayed on one key could miss what became of the others. */
export function readsOnly(options: WorkloadOptions, readOf: (key: string) => Call = read): Generator {
  return { next: (random) => readOf(random.pick(options.keys)), saw: () => {} };
}
