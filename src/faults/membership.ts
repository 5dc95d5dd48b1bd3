/**
 * `membership`: the members change while clients work. A new node joins, a member leaves and runs on without knowing it for sure, or
 * a new node takes a member's place in one change; and when the fault ends all is as it was, by another change.
 */
import type { Fault, MemberChange } from '../contract/index.ts';
import { deck, timedSteps } from './step.ts';

const CHANGES: readonly MemberChange[] = ['replace', 'remove', 'add'];

/** The membership fault: the three changes in turn. Unless told otherwise it is about the leader every other time. */
export const membership: Fault = {
  kind: 'membership',
  needs: ['members'],
  targets: ['any', 'leader', 'follower'],
  plan: (random, shape, target, slots) => {
    const targets = deck(random, target, ['leader', 'follower']);
    const first = random.int(CHANGES.length);
    return timedSteps({ kind: 'membership', targets, random, shape, slots }).map((step, nth) => {
      return { ...step, change: CHANGES[(first + nth) % CHANGES.length]! };
    });
  },
};
