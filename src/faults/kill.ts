/** `kill`: the node dies at once (SIGKILL), keeps its disk, and starts again from it when the fault ends. */
import type { Fault } from '../contract/index.ts';
import { deck, timedSteps } from './step.ts';

/** The kill fault. Unless told otherwise it hits the leader every other time. */
export const kill: Fault = {
  kind: 'kill',
  needs: ['kill'],
  targets: ['any', 'leader', 'follower', 'minority', 'majority'],
  plan: (random, shape, target, slots) =>
    timedSteps({ kind: 'kill', targets: deck(random, target, ['leader', 'follower']), random, shape, slots }),
};
