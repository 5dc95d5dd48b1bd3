/** What a kind of fault does to the nodes that it hits, as far as other faults must know. */
import type { FaultKind } from '../contract/index.ts';

/**
 * `down`: the node does nothing at all for a while; only so many may be down at a time. `cut`: it runs, but not everybody hears of
 * it. `strain`: it goes on, worse than before.
 */
export type Nature = 'down' | 'cut' | 'strain';

const NATURES: Readonly<Record<FaultKind, Nature>> = {
  pause: 'down',
  kill: 'down',
  'power-loss': 'down',
  'disk-full': 'down',
  'fsync-error': 'down',
  'bit-flip': 'down',
  wipe: 'down',
  partition: 'cut',
  'slow-link': 'strain',
  duplicate: 'strain',
  reconnect: 'strain',
  'slow-disk': 'strain',
  'clock-rate': 'strain',
  'clock-jump': 'strain',
  membership: 'strain',
  transfer: 'strain',
};

/** The nature of a kind. */
export function natureOf(kind: FaultKind): Nature {
  return NATURES[kind];
}
