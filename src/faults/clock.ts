/**
 * Clocks that go wrong: `clock-rate` lets a node's time run slower or faster than everybody else's, `clock-jump` puts it forward at
 * once. Never backwards: a node goes by the monotonic clock. Election timers and heartbeats go by it, and nothing that a client
 * sees may depend on it, unless leases are asked for: those promise something only within the declared drift, and rates keep to it then.
 */
import type { Fault, FaultKind, FaultStep, Shape } from '../contract/index.ts';
import type { Random } from '../base/random.ts';
import { deck, timedSteps } from './step.ts';

const RATES = [0.5, 0.8, 1.25, 2];
const JUMP_MIN_MS = 100;
const JUMP_MAX_MS = 2000;

export const clockRate: Fault = clockFault('clock-rate', (random, { clockDrift }) => ({
  rate: random.pick(clockDrift === undefined ? RATES : [1 - clockDrift / 2, 1 + clockDrift / 2]),
}));

export const clockJump: Fault = clockFault('clock-jump', (random) => ({
  jumpMs: random.between(JUMP_MIN_MS, JUMP_MAX_MS),
}));

function clockFault(kind: FaultKind, amount: (random: Random, shape: Shape) => Partial<FaultStep>): Fault {
  return {
    kind,
    needs: ['clock'],
    targets: ['any', 'leader', 'follower', 'minority', 'majority'],
    plan: (random, shape, target, slots) =>
      timedSteps({
        kind,
        targets: deck(random, target, ['leader', 'any', 'majority']),
        random,
        shape,
        slots,
        amount: () => amount(random, shape),
      }),
  };
}
