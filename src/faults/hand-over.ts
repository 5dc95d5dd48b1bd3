/** Transfers of leadership: the leader is asked over the client protocol, and who is heard to lead then tells what came of it. */
import { StalemateError } from '../base/errors.ts';
import type { Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import { injury } from './injury.ts';

/** What a node answered, of the client protocol. */
interface Said {
  readonly kind: string;
  readonly output?: unknown;
}

export interface HandOverOptions {
  /** Who was last heard to lead. */
  readonly leader: () => NodeId | null;
  /** Asks `leader`, once, to let `target` lead; gives its answer, or none. */
  readonly ask: (leader: NodeId, target: NodeId) => Promise<Said | null | undefined>;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** An election, and the time until it is heard of. */
const ELECTED_WITHIN_MS = 1500;
const LOOK_EVERY_MS = 20;

/** How a leader says that it told the other one to stand. */
const STEPPED_DOWN = 'stepped-down';

/** Asks whoever leads to let `target` lead. It counts where another node was heard to lead then, whichever it is. */
export async function handOver(options: HandOverOptions, target: NodeId): Promise<Injury> {
  const from = options.leader();
  if (from === null) throw new StalemateError('failed', 'no leader is known');
  if (from === target) throw new StalemateError('failed', `${target} leads already`);
  const said = wordOf(await options.ask(from, target));
  const next = await otherLeader(options, from, said === STEPPED_DOWN ? ELECTED_WITHIN_MS : 0);
  const evidence = `${from} was asked to let ${target} lead: ${said}${next === null ? '' : `, then ${next} led`}`;
  return injury([target], evidence, () => Promise.resolve({ effective: next !== null, evidence }));
}

function wordOf(said: Said | null | undefined): string {
  return typeof said?.output === 'string' ? said.output : (said?.kind ?? 'no answer');
}

async function otherLeader(
  { leader, nowMs, sleep }: HandOverOptions,
  than: NodeId,
  timeoutMs: number,
): Promise<NodeId | null> {
  const untilMs = nowMs() + timeoutMs;
  for (;;) {
    const next = leader();
    if (next !== null && next !== than) return next;
    if (nowMs() >= untilMs) return null;
    await sleep(LOOK_EVERY_MS);
  }
}
