/** What faults do to a node, in a word. */
import type { Nanos } from '../../checker/index.ts';
import type { FaultKind } from '../contract/index.ts';
import type { FaultSpan } from './fault-spans.ts';
import type { NodeState } from './probe-index.ts';

/** What a node suffers at an instant, in a word. A killed one that runs again, though not for long enough to have healed, suffers nothing. */
export function hardship(
  { node, startedNs }: Pick<NodeState, 'node' | 'startedNs'>,
  atNs: Nanos,
  faults: readonly FaultSpan[],
): string {
  const held = faults.filter(({ nodes, fromNs, toNs }) => nodes.includes(node) && fromNs <= atNs && toNs > atNs);
  const felt = held.filter(({ kind, fromNs }) => !ENDS_PROCESS.has(kind) || startedNs < fromNs);
  return [...new Set(felt.map(({ kind }) => HARDSHIPS[kind]))].join(', ');
}

const HARDSHIPS: Readonly<Record<FaultKind, string>> = {
  pause: 'paused',
  kill: 'killed',
  partition: 'cut off',
  'power-loss': 'no power',
  'slow-link': 'slow links',
  duplicate: 'hears twice',
  reconnect: 'reconnecting',
  'slow-disk': 'slow disk',
  'disk-full': 'disk full',
  'fsync-error': 'fsync failed',
  'bit-flip': 'damaged',
  wipe: 'disk lost',
  'clock-rate': 'clock off',
  'clock-jump': 'clock off',
  membership: 'members change',
  transfer: 'to lead',
};

/** Faults after which a node starts anew, or not at all. */
export const ENDS_PROCESS: ReadonlySet<FaultKind> = new Set([
  'kill',
  'power-loss',
  'disk-full',
  'fsync-error',
  'bit-flip',
  'wipe',
]);
