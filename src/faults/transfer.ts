/** `transfer`: whoever leads is asked to hand the leadership to a follower (thesis 3.10), while clients work. Nothing is undone in the end. */
import type { Fault } from '../contract/index.ts';
import { deck, timedSteps } from './step.ts';

/** The transfer fault. It always goes to a follower. */
export const transfer: Fault = {
  kind: 'transfer',
  needs: ['members'],
  targets: ['any', 'follower'],
  plan: (random, shape, target, slots) =>
    timedSteps({ kind: 'transfer', targets: deck(random, target, ['follower']), random, shape, slots }),
};
