/**
 * Disks that suffer: `slow-disk` makes every fsync take longer; `disk-full` has no room for one more byte, so that a node that must
 * write stops, says why, and starts again when there is room; `fsync-error` lets one fsync fail, after which nobody knows what is on the
 * disk, so that the node ends and starts again; `bit-flip` flips one bit of what is attested in the log, and `wipe` empties the data
 * folder, so that the node refuses to start.
 *
 * A flipped or wiped node never comes back under its name, so there is one of each a run, as late as the schedule allows: whatever
 * else is asked for then has all nodes to hit before.
 */
import type { Fault, FaultKind } from '../contract/index.ts';
import { deck, timedSteps } from './step.ts';

const SYNC_DELAY_MIN_MS = 10;
const SYNC_DELAY_MAX_MS = 100;

export const slowDisk: Fault = {
  kind: 'slow-disk',
  needs: ['slow-disk'],
  targets: ['any', 'leader', 'follower', 'minority', 'majority', 'all'],
  plan: (random, shape, target, slots) =>
    timedSteps({
      kind: 'slow-disk',
      targets: deck(random, target, ['leader', 'follower', 'all']),
      random,
      shape,
      slots,
      amount: () => ({ delayMs: random.between(SYNC_DELAY_MIN_MS, SYNC_DELAY_MAX_MS) }),
    }),
};

export const diskFull: Fault = {
  kind: 'disk-full',
  needs: ['disk'],
  targets: ['any', 'leader', 'follower', 'minority'],
  plan: (random, shape, target, slots) =>
    timedSteps({ kind: 'disk-full', targets: deck(random, target, ['leader', 'follower']), random, shape, slots }),
};

export const fsyncError: Fault = {
  kind: 'fsync-error',
  needs: ['fsync-error'],
  targets: ['any', 'leader', 'follower', 'minority'],
  plan: (random, shape, target, slots) =>
    timedSteps({ kind: 'fsync-error', targets: deck(random, target, ['leader', 'follower']), random, shape, slots }),
};

export const bitFlip: Fault = loss('bit-flip');

export const wipe: Fault = loss('wipe');

/** A node is lost for good. */
function loss(kind: FaultKind): Fault {
  return {
    kind,
    needs: ['disk'],
    targets: ['any', 'leader', 'follower'],
    plan: (random, shape, target, slots) =>
      timedSteps({ kind, targets: deck(random, target, ['any']), random, shape, slots: slots.slice(-1) }).map(
        (step) => {
          const restMs = shape.timeMs - step.atMs;
          return { ...step, heal: 'time', forMs: restMs, maxMs: restMs };
        },
      ),
  };
}
