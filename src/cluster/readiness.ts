/** Waiting until a system that is not ours really serves: a port that is open proves nothing. */
import { setTimeout as sleepMs } from 'node:timers/promises';
import { StalemateError } from '../base/errors.ts';
import type { Client, ClientOptions, Cluster } from '../contract/cluster.ts';
import type { Crash, Place, ProcessSystem } from '../contract/system.ts';

const READY_WITHIN_MS = 30_000;
const READY_KEY = 'stalemate-ready';
const ASK_MS = 1000;
const AGAIN_MS = 50;

type Call = Parameters<Client['invoke']>[0];

/** Where a cluster is, as far as this has to know. */
type Where = Pick<Place, 'nodes' | 'seed'>;

export interface ReadinessOptions<P extends Where = Place> {
  readonly system: Pick<ProcessSystem, 'name' | 'reads' | 'readyWithinMs'> & {
    whole?(place: P): Promise<string | null>;
  };
  readonly place: P;
  readonly connect: Cluster['connect'];
  /** Aborted where nobody waits any more. */
  readonly signal?: { readonly aborted: boolean };
  /** Nodes that ended by themselves: then it is no use waiting. */
  readonly crashes: readonly Crash[];
}

/**
 * Until the system says itself that it is whole, where it can, a write was answered, and after it a read at every node. Throws a StalemateError
 * where that takes too long, or a node has ended.
 */
export async function untilServes<P extends Where>(options: ReadinessOptions<P>): Promise<void> {
  const { system, place } = options;
  const deadlineMs = performance.now() + (system.readyWithinMs ?? READY_WITHIN_MS);
  await untilNull(options, deadlineMs, () => system.whole?.(place) ?? Promise.resolve(null));
  const { strongest, nodeLocal } = system.reads;
  const [first] = place.nodes;
  const write = { f: 'write', key: READY_KEY, value: 1 };
  await untilAnswered(options, deadlineMs, { entry: first!, reads: strongest, pinned: false }, write);
  const [local] = nodeLocal;
  for (const entry of place.nodes) {
    const read = { f: 'read', key: READY_KEY, value: null };
    await untilAnswered(options, deadlineMs, { entry, reads: local ?? strongest, pinned: local !== undefined }, read);
  }
}

async function untilAnswered<P extends Where>(
  options: ReadinessOptions<P>,
  deadlineMs: number,
  who: Pick<ClientOptions, 'entry' | 'reads' | 'pinned'>,
  call: Call,
): Promise<void> {
  const { place, connect } = options;
  const name = `ready-${who.entry}`;
  const client = connect({ ...who, name, vocabulary: 'register', attemptTimeoutMs: 200, seed: place.seed });
  try {
    await untilNull(options, deadlineMs, async () => {
      const completion = await client.invoke(call, ASK_MS);
      return completion.kind === 'ok' ? null : `${who.entry}: ${completion.error}`;
    });
  } finally {
    await client.close();
  }
}

/** Asks until the answer is null: nothing is wrong. */
async function untilNull(
  { system, crashes, signal }: Pick<ReadinessOptions<never>, 'system' | 'crashes' | 'signal'>,
  deadlineMs: number,
  ask: () => Promise<string | null>,
): Promise<void> {
  for (;;) {
    if (signal?.aborted === true) throw new StalemateError('failed', `interrupted before ${system.name} had come up`);
    const [crash] = crashes;
    const wrong = await ask();
    if (wrong === null && crash === undefined) return;
    const why = crash === undefined ? wrong : `${crash.node} ended (${crash.how}): ${crash.output.split('\n').at(-1)}`;
    if (crash !== undefined || performance.now() >= deadlineMs)
      throw new StalemateError('failed', `${system.name} did not come up: ${why}`);
    await sleepMs(AGAIN_MS);
  }
}
