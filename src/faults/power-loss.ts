/**
 * `power-loss`: the nodes that are hit lose power at one moment, and with it everything that was not synced: sectors, sizes and
 * names of files, each kept or lost by itself. The first time and every other time after it their disks are slow before, so that
 * more is under way: a node that answers too early is then sure to have promised what is lost, and a run has one that takes something.
 */
import type { Fault } from '../contract/index.ts';
import { deck, timedSteps } from './step.ts';

const SYNC_DELAY_MIN_MS = 50;
const SYNC_DELAY_MAX_MS = 120;

/** The power-loss fault. Unless told otherwise it takes turns: everybody, the leader, any one node, a majority. */
export const powerLoss: Fault = {
  kind: 'power-loss',
  needs: ['power-loss'],
  targets: ['any', 'leader', 'follower', 'minority', 'majority', 'all'],
  plan: (random, shape, target, slots) =>
    timedSteps({
      kind: 'power-loss',
      targets: deck(random, target, ['all', 'leader', 'any', 'majority']),
      random,
      shape,
      slots,
    }).map((step, nth) => {
      return { ...step, delayMs: nth % 2 === 0 ? random.between(SYNC_DELAY_MIN_MS, SYNC_DELAY_MAX_MS) : 0 };
    }),
};
