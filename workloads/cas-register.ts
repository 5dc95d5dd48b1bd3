/**
 * Reads, writes and compare-and-sets; the default. A compare-and-set expects what this client last saw on the key and
 * writes a unique new value: it succeeds where the client was alone on the key since, and mismatches where it was not.
 */
import { casRegister, type Call, type Json } from '../checker/index.ts';
import { once, readAndWrite } from './needs.ts';
import { uniqueValues, Visits } from './visits.ts';
import { read, readsOnly } from './witness.ts';
import type { Generator, Workload, WorkloadOptions } from './workload.ts';

const READ_SHARE = 0.3;
const WRITE_SHARE = 0.25;

/** The cas-register workload. */
export const casRegisterWorkload: Workload<unknown> = {
  name: 'cas-register',
  about: 'reads, writes, and compare-and-sets that expect what the client last saw',
  model: casRegister,
  generator: (slot, role, options) => (role === 'witness' ? readsOnly(options) : allThree(slot, options)),
  needs: readAndWrite(),
  ending: (key) => once(read(key)),
};

function allThree(slot: number, options: WorkloadOptions): Generator {
  const visits = new Visits(options.keys);
  const nextValue = uniqueValues(slot, options);
  /** What this client last saw, by key. Nothing after a mismatch: then it reads before it tries again. */
  const seen = new Map<string, Json>();
  return {
    next: (random): Call => {
      const key = visits.next(random);
      const share = random.next();
      if (share < READ_SHARE) return read(key);
      if (share < READ_SHARE + WRITE_SHARE) return { f: 'write', key, value: nextValue() };
      const expected = seen.get(key);
      return expected === undefined ? read(key) : { f: 'cas', key, value: [expected, nextValue()] };
    },
    saw: (call, result) => {
      const key = call.key!;
      if (result.kind === 'mismatch') seen.delete(key);
      if (result.kind === 'ok') seen.set(key, valueAfter(call, result.output));
    },
  };
}

/** What the key held when the operation took effect, as far as this client knows. */
function valueAfter(call: Call, output: Json): Json {
  if (call.f === 'read') return output;
  return call.f === 'cas' ? (call.value as readonly Json[])[1]! : call.value;
}
