/** Transfers of leadership: the leader is asked over the client protocol, and its role changes tell what came of it. */
import { StalemateError } from '../base/errors.ts';
import type { Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { Response } from '../wire/client-protocol.ts';
import { askNode } from './ask-node.ts';
import { injury } from './injury.ts';
import { poll } from './waiting.ts';

export interface TransferOptions {
  readonly clusterId: string;
  readonly addresses: Readonly<Record<NodeId, string>>;
  /** Who was last heard to lead. */
  readonly leader: () => NodeId | null;
}

/** An election, and the time until it is heard of. */
const ELECTED_WITHIN_MS = 1500;

/** Asks whoever leads to let `target` lead. It counts where another node was heard to lead then, whichever it is. */
export async function transferLeadership(
  { clusterId, addresses, leader }: TransferOptions,
  target: NodeId,
): Promise<Injury> {
  const from = leader();
  if (from === null) throw new StalemateError('failed', 'no leader is known');
  if (from === target) throw new StalemateError('failed', `${target} leads already`);
  const request = { kind: 'transferLeadership', attempt: 1, target } as const;
  const answer = await askNode({ clusterId, node: from, address: addresses[from]! }, request);
  const said = wordOf(answer);
  const next = await poll(() => [leader()].find((it) => it !== null && it !== from), {
    everyMs: 20,
    timeoutMs: said === 'stepped-down' ? ELECTED_WITHIN_MS : 0,
  });
  const evidence = `${from} was asked to let ${target} lead: ${said}${next === undefined ? '' : `, then ${String(next)} led`}`;
  return injury([target], evidence, () => Promise.resolve({ effective: next !== undefined, evidence }));
}

function wordOf(answer: Response | undefined): string {
  if (answer?.kind === 'result') return answer.output === 'stepped-down' ? 'stepped-down' : 'timed-out';
  return answer?.kind ?? 'no answer';
}
