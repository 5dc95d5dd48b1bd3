/** What most workloads have in common at their end: a read and a write of every key, and one last read. */
import type { Call } from '../checker/index.ts';
import type { Ending, Needed } from './workload.ts';

/** A call of this name, whatever it was answered. */
export function answered(f: string, what: string = f): Needed {
  return { what, has: (call) => call.f === f };
}

/** A read, and something else that was not answered "no". */
export function readAndWrite(readF = 'read'): readonly Needed[] {
  return [answered(readF, 'read'), { what: 'write', has: ({ f }, output) => f !== readF && output !== false }];
}

/** One call, and no more. */
export function once(call: Call): Ending {
  return { next: (last) => (last === undefined ? call : null) };
}
