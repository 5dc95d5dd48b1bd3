/**
 * One client of a run: draws a call, records it, sends it, records what came of it, and goes on until it is told to stop.
 *
 * Each slot draws by (seed, slot, nth operation), so timing never changes what it asks. What came back may: a
 * compare-and-set expects what this client saw.
 */
import { keyed } from '../base/random.ts';
import { msToNs, NS_PER_MS, type Nanos } from '../base/time.ts';
import type { Call } from '../../checker/index.ts';
import type { Client, Cluster, Completion, Plan } from '../contract/index.ts';
import type { Generator } from '../../workloads/index.ts';
import { sleepUntil, type Latch } from './latch.ts';
import { asRecorded, type Recorder } from './recorder.ts';
import type { ClientSlot, ProcessNumbers } from './slots.ts';

/** What all client loops of a run share. */
export interface LoopWorld {
  readonly plan: Plan;
  readonly cluster: Cluster;
  readonly recorder: Recorder;
  readonly processes: ProcessNumbers;
  /** Raised when no further operation is to begin. */
  readonly stopping: Latch;
}

/** Runs one slot until `stopping` is raised and its last operation is over. */
export async function clientLoop(
  slot: ClientSlot,
  client: Client,
  generator: Generator,
  world: LoopWorld,
): Promise<void> {
  const { plan, processes, stopping } = world;
  const timeoutMs = slot.role === 'witness' ? plan.witnessTimeoutMs : plan.operationTimeoutMs;
  const pace = paceOf(slot.slot, world);
  for (let nth = 0; ; nth++) {
    const turn = pace(nth);
    if (turn !== null) await turn;
    if (stopping.isRaised) return;
    const call = nextCall(nth, { plan, slot, generator });
    if (call === null) return;
    const completion = await perform(call, timeoutMs, { slot, client, world, process: processes.of(slot.slot) });
    generator.saw(call, learned(completion));
    if (completion.kind === 'unknown') processes.retire(slot.slot);
  }
}

/** What the plan says, or what the workload draws; null after the last. */
function nextCall(
  nth: number,
  by: { readonly plan: Plan; readonly slot: ClientSlot; readonly generator: Generator },
): Call | null {
  const { plan, slot, generator } = by;
  if (plan.calls === undefined) return generator.next(keyed(plan.seed, 'slot', slot.slot, nth));
  return plan.calls[slot.slot]?.[nth]?.call ?? null;
}

/** Records and sends one operation. A client that throws has not proven anything. */
export async function perform(
  call: Call,
  timeoutMs: number,
  by: {
    readonly slot: ClientSlot;
    readonly client: Client;
    readonly world: Pick<LoopWorld, 'recorder'>;
    readonly process: number;
  },
): Promise<Completion> {
  const { slot, client, process } = by;
  const { recorder } = by.world;
  const witnessOf = slot.role === 'witness' ? slot.entry : null;
  recorder.invoke({ process, call, entry: witnessOf ?? client.target ?? null, witnessOf });
  let answer: Completion;
  try {
    answer = await client.invoke(call, timeoutMs);
  } catch (error) {
    answer = asUnknown(error);
  }
  const completion = asRecorded(call, answer);
  recorder.complete(process, completion);
  return completion;
}

function asUnknown(error: unknown): Completion {
  return { kind: 'unknown', error: `the client threw: ${error instanceof Error ? error.message : String(error)}` };
}

/** What a generator may know of a completion. */
export function learned(completion: Completion): Parameters<Generator['saw']>[1] {
  if (completion.kind === 'ok') return { kind: 'ok', output: completion.output };
  return { kind: completion.kind === 'fail' && EXPECTED_OTHERWISE.includes(completion.error) ? 'mismatch' : 'nothing' };
}

/** Failures that say something about the object, and not about the system. */
const EXPECTED_OTHERWISE: readonly string[] = ['mismatch', 'not-holder'];

/** Waits for a slot's next turn: until the plan has it, or its share of the rate, or the client has thought it over. */
function paceOf(slot: number, { plan, cluster, stopping }: LoopWorld): (nth: number) => Promise<void> | null {
  const { rate, clients, calls, thinkMs } = plan;
  const beganNs = cluster.now();
  if (calls !== undefined) {
    return (nth) => sleepUntil(cluster, beganNs + msToNs(calls[slot]?.[nth]?.atMs ?? 0), stopping);
  }
  if (thinkMs !== undefined) {
    return (nth) => {
      const waitMs = thinkMs * keyed(plan.seed, 'think', slot, nth).next();
      return sleepUntil(cluster, cluster.now() + msToNs(waitMs), stopping);
    };
  }
  if (rate === null) return () => null;
  return atRate({ slot, periodNs: Math.round((clients / rate) * 1000 * NS_PER_MS), cluster, stopping, clients });
}

/** The slots of a paced run take turns; one that fell behind does not catch up in a burst. */
function atRate(it: {
  readonly slot: number;
  readonly clients: number;
  readonly periodNs: Nanos;
  readonly cluster: Cluster;
  readonly stopping: Latch;
}): () => Promise<void> {
  const { slot, clients, periodNs, cluster, stopping } = it;
  let dueNs: Nanos = cluster.now() + Math.round((periodNs * slot) / clients);
  return async () => {
    await sleepUntil(cluster, dueNs, stopping);
    dueNs = Math.max(dueNs + periodNs, cluster.now());
  };
}
