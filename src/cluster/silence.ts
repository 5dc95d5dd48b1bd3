/**
 * The proof that a cut link was silent: counters of both ends, read when the filter was in force and again before it is lifted.
 * The receiver's count decides; where it cannot be asked (stopped, down, or started anew in between) the sender's does.
 */
import type { Cut } from '../contract/fault.ts';
import type { LinkCounters } from '../wire/control-protocol.ts';
import type { NodeProcess } from './node-process.ts';

/** What the nodes counted at one moment. A node that cannot be asked is missing. */
export type Reading = ReadonlyMap<
  string,
  { readonly life: number; readonly links: Readonly<Record<string, LinkCounters>> }
>;

export interface Silence {
  readonly silent: boolean;
  /** Messages and connections that were tried in vain. */
  readonly dropped: number;
  readonly evidence: string;
}

/** Asks every node now. */
export async function readCounters(nodes: readonly NodeProcess[]): Promise<Reading> {
  const answers = await Promise.all(
    nodes.map(async (node) => {
      const status = await node.status();
      return status === undefined ? [] : [[node.id, { life: node.lives, links: status.links }] as const];
    }),
  );
  return new Map(answers.flat());
}

/** How much a counter of a node grew between two readings; undefined where it could not be asked. */
export function growthBetween(
  before: Reading,
  after: Reading,
): (node: string, peer: string, counter: keyof LinkCounters) => number | undefined {
  return (node, peer, counter) => {
    const now = after.get(node);
    const then = before.get(node);
    if (now === undefined) return undefined;
    const count = now.links[peer]?.[counter] ?? 0;
    // A later life began with the filter in force, so all of its count belongs to the cut.
    if (then?.life !== now.life) return then === undefined ? undefined : count;
    return count - (then.links[peer]?.[counter] ?? 0);
  };
}

/** Judges the cut links between two readings. */
export function judgeSilence(cuts: readonly Cut[], before: Reading, after: Reading): Silence {
  const growth = growthBetween(before, after);
  const passed = cuts.map(({ from, to }) => ({
    link: `${from} → ${to}`,
    messages: growth(to, from, 'received') ?? growth(from, to, 'sent'),
  }));
  const dropped = cuts
    .map(({ from, to }) => (growth(from, to, 'droppedOut') ?? 0) + (growth(to, from, 'droppedIn') ?? 0))
    .reduce((sum, count) => sum + count, 0);
  const loud = passed
    .filter(({ messages }) => messages !== 0)
    .map(({ link, messages }) => `${link} ${messages === undefined ? 'could not be asked' : `passed ${messages}`}`);
  const evidence =
    loud.length === 0
      ? `${cuts.length} links silent, ${dropped} messages dropped`
      : `not silent: ${loud.join(', ')}; ${dropped} messages dropped`;
  return { silent: loud.length === 0, dropped, evidence };
}
