/**
 * The final reads: once all faults are healed, every key is read in the strongest mode that the system has, so that no key is
 * judged without anybody having looked; and where the read mode under test is answered by each node on its own, at each node too.
 * What a read is, the workload says: a queue is drained, and of lists that were left for a next one all are read.
 *
 * They are ordinary operations of the history, by fresh processes, each repeated until it is answered or the time is over.
 */
import { msToNs, type Nanos } from '../base/time.ts';
import type { Call } from '../../checker/index.ts';
import type { Client, NodeId, RunEnd } from '../contract/index.ts';
import type { Ending, Workload } from '../../workloads/index.ts';
import { perform, type LoopWorld } from './client-loop.ts';
import { sleepUntil, type Latch } from './latch.ts';
import { readModes } from './read-modes.ts';

const RETRIED_FOR_MS = 30_000;
const RETRY_AFTER_MS = 50;

/** What the reads need of the run. */
export interface FinalWorld extends Omit<LoopWorld, 'stopping'> {
  /** Raised by Ctrl-C. */
  readonly aborted: Latch;
  readonly workload: Workload<unknown>;
  readonly keys: readonly string[];
}

/** One reader: all keys, in one mode, at one node first. */
interface Reader {
  readonly name: string;
  readonly slot: number;
  readonly entry: NodeId;
  readonly pinned: boolean;
  readonly reads: string;
}

/** Reads every key and says which reads were never answered: `x`, or `x at n3`. */
export async function finalReads(world: FinalWorld): Promise<RunEnd['finalReads']> {
  const untilNs = world.cluster.now() + msToNs(RETRIED_FOR_MS);
  const missing = await Promise.all(readersOf(world).map((reader) => readAll(reader, untilNs, world)));
  return { keys: world.keys.length, missing: missing.flat() };
}

function readersOf({ plan, cluster }: FinalWorld): readonly Reader[] {
  const modes = readModes(plan);
  const nodes = cluster.nodes();
  const strongest: Reader = { name: 'final', slot: 0, entry: nodes[0]!, pinned: false, reads: modes.strongest };
  if (!modes.nodeLocal.includes(plan.reads)) return [strongest];
  const local = nodes.map((entry, i) => {
    return { name: `final-${entry}`, slot: (i + 1) % plan.clients, entry, pinned: true, reads: plan.reads };
  });
  return [strongest, ...local];
}

/** In rounds over what is not answered yet, so that one key that never answers does not use up the time of the others. */
async function readAll(reader: Reader, untilNs: Nanos, world: FinalWorld): Promise<readonly string[]> {
  const { plan, cluster, keys, workload, aborted } = world;
  const { attemptTimeoutMs, seed } = plan;
  const client = cluster.connect({ ...reader, vocabulary: workload.model.name, attemptTimeoutMs, seed });
  let missing: readonly Question[] = keys.map((key) => {
    const ending = workload.ending(key);
    return { key, ending, call: ending.next() };
  });
  for (;;) {
    missing = await stillMissing(missing, untilNs, { reader, client, world });
    if (missing.length === 0 || cluster.now() >= untilNs || aborted.isRaised) break;
    await sleepUntil(cluster, cluster.now() + msToNs(RETRY_AFTER_MS), aborted);
  }
  await client.close();
  return missing.map(({ key }) => (reader.pinned ? `${key} at ${reader.entry}` : key));
}

/** What is still to be asked about a key. */
interface Question {
  readonly key: string;
  readonly ending: Ending;
  readonly call: Call | null;
}

/** Asks about each of the keys while there is time, until one call is not answered, and returns those that are not at their end. */
async function stillMissing(
  questions: readonly Question[],
  untilNs: Nanos,
  by: { readonly reader: Reader; readonly client: Client; readonly world: FinalWorld },
): Promise<readonly Question[]> {
  const { reader, client, world } = by;
  const { plan, cluster, processes, aborted } = world;
  const slot = { slot: reader.slot, role: reader.pinned ? 'witness' : 'client', entry: reader.entry } as const;
  const missing: Question[] = [];
  for (const { key, ending, call: first } of questions) {
    let call = first;
    while (call !== null && !aborted.isRaised && cluster.now() < untilNs) {
      const process = processes.retire(reader.slot);
      const completion = await perform(call, plan.operationTimeoutMs, { slot, client, world, process });
      if (completion.kind !== 'ok') break;
      call = ending.next(completion.output);
    }
    if (call !== null) missing.push({ key, ending, call });
  }
  return missing;
}
