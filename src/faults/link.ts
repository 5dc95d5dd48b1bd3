/**
 * Links that suffer and still deliver: `slow-link` hands every message over late, `duplicate` hands it over twice, `reconnect` closes
 * the connection again and again. All links of the nodes that are hit suffer, in both directions.
 */
import type { Fault, FaultKind, FaultStep, FaultTarget } from '../contract/index.ts';
import type { Random } from '../base/random.ts';
import { deck, timedSteps } from './step.ts';

/** Later than a heartbeat is due, yet no more than an election timeout there and back. */
const DELAY_MIN_MS = 20;
const DELAY_MAX_MS = 80;
const RESET_MIN_MS = 40;
const RESET_MAX_MS = 200;

export const slowLink: Fault = linkFault('slow-link', (random) => ({
  delayMs: random.between(DELAY_MIN_MS, DELAY_MAX_MS),
}));

export const duplicate: Fault = linkFault('duplicate', () => ({}));

export const reconnect: Fault = linkFault('reconnect', (random) => ({
  everyMs: random.between(RESET_MIN_MS, RESET_MAX_MS),
}));

function linkFault(kind: FaultKind, amount: (random: Random) => Partial<FaultStep>): Fault {
  return {
    kind,
    needs: kind === 'duplicate' ? ['link-trouble', 'duplicate'] : ['link-trouble'],
    targets: ['any', 'leader', 'follower', 'minority', 'halves'],
    plan: (random, shape, target, slots) =>
      timedSteps({
        kind,
        targets: deck<FaultTarget>(random, target, ['leader', 'any', 'halves']),
        random,
        shape,
        slots,
        amount: () => amount(random),
      }),
  };
}
