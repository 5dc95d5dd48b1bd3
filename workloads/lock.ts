/**
 * Mutual exclusion: clients acquire locks in their own name, hold them until their next operation, and release them. An anomaly
 * is a lock with two holders, a release of one that cannot have been held, and an acquire or release that was refused although
 * it must have been possible. There are no reads: a lock is looked at by trying to acquire it, which goes through the log.
 */
import { modelNamed, type Call, type Json, type Model } from '../checker/index.ts';
import { once } from './needs.ts';
import { Visits } from './visits.ts';
import type { Generator, Workload, WorkloadOptions } from './workload.ts';

/** Of a lock that the client does not hold, as far as it knows: an acquire of unknown outcome may have come through late. */
const NEEDLESS_RELEASE_SHARE = 0.1;
/** Whose name is on the acquire that ends a run. */
const NOBODY = -1;

/** The lock workload. */
export const lockWorkload: Workload<unknown> = {
  name: 'lock',
  about: 'locks acquired and released by clients in their own name',
  model: modelNamed('lock')! as Model<unknown, Call, Json>,
  generator: (slot, _role, options) => takesTurns(slot, options),
  needs: [
    { what: 'acquire', has: ({ f }, output) => f === 'acquire' && output === true },
    { what: 'release', has: ({ f }, output) => f === 'release' && output === true },
  ],
  ending: (key) => once({ f: 'acquire', key, value: NOBODY }),
};

function takesTurns(slot: number, options: WorkloadOptions): Generator {
  const visits = new Visits(options.keys);
  /** The lock that this client holds or may hold. It asks for no other before it is rid of it. */
  let mayHold: string | null = null;
  return {
    next: (random): Call => {
      if (mayHold !== null) return { f: 'release', key: mayHold, value: slot };
      const key = visits.next(random);
      return { f: random.chance(NEEDLESS_RELEASE_SHARE) ? 'release' : 'acquire', key, value: slot };
    },
    saw: ({ f, key }, result) => {
      if (f === 'acquire') mayHold = result.kind !== 'ok' || result.output === true ? key! : null;
      // A needless release of unknown outcome is not repeated: it would be needless again.
      else if (result.kind !== 'nothing') mayHold = null;
    },
  };
}
