/**
 * `partition`: two sides of the cluster lose all messages to each other. Clients still reach every node, so a deposed leader
 * on the smaller side can be asked what it believes.
 */
import type { Cut, Fault, FaultTarget, NodeId } from '../contract/index.ts';
import { deck, timedSteps } from './step.ts';

/** The partition fault. Unless told otherwise it takes turns: the leader alone, any one node, two halves. */
export const partition: Fault = {
  kind: 'partition',
  needs: ['link'],
  targets: ['any', 'leader', 'follower', 'minority', 'halves'],
  plan: (random, shape, target, slots) =>
    timedSteps({
      kind: 'partition',
      targets: deck<FaultTarget>(random, target, ['leader', 'any', 'halves']),
      random,
      shape,
      slots,
    }),
};

/** Every link between the two sides, in both directions. */
export function cutsBetween(side: readonly NodeId[], other: readonly NodeId[]): readonly Cut[] {
  return side.flatMap((a) =>
    other.flatMap((b) => [
      { from: a, to: b },
      { from: b, to: a },
    ]),
  );
}
