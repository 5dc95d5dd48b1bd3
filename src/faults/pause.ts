/**
 * `pause`: the node stops in the middle of whatever it was doing (SIGSTOP) and later goes on as if nothing had happened. Its
 * connections stay open and its kernel goes on accepting data, so to the others it is silent, not gone.
 */
import type { Fault } from '../contract/index.ts';
import { deck, timedSteps } from './step.ts';

/** The pause fault. Unless told otherwise it hits the leader every other time: the others are rarely missed. */
export const pause: Fault = {
  kind: 'pause',
  needs: ['pause'],
  targets: ['any', 'leader', 'follower', 'minority', 'majority'],
  plan: (random, shape, target, slots) =>
    timedSteps({ kind: 'pause', targets: deck(random, target, ['leader', 'follower']), random, shape, slots }),
};
