/**
 * A run: N clients and the fault loop on the cluster's clock, until the time is over or somebody presses Ctrl-C.
 *
 * At the end the generators stop, faults heal in reverse order, every key is looked at once more, clients close, and what is still
 * open becomes `info`. Nothing is judged here: what clients saw goes line by line into an injected sink, and the verdict is a
 * function of those files (`evaluate`). The cluster may be processes or a simulation; this room cannot tell.
 */
import { msToNs, NS_PER_MS } from '../base/time.ts';
import type { Client, Cluster, FaultLine, HistoryLine, Plan, RunEnd } from '../contract/index.ts';
import { hasReads, isRead, type Workload } from '../../workloads/index.ts';
import { clientLoop, type LoopWorld } from './client-loop.ts';
import { FaultLoop } from './fault-loop.ts';
import { finalReads } from './final-reads.ts';
import { Latch, sleepUntil } from './latch.ts';
import { keyNames } from './plan.ts';
import { Recorder, type RecorderCounts } from './recorder.ts';
import { layOutSlots, ProcessNumbers, type ClientSlot } from './slots.ts';

/** What a run needs of the world. */
export interface World {
  readonly cluster: Cluster;
  readonly workload: Workload<unknown>;
  /** Must have written the line when it returns, as far as a crash of this process can tell. */
  readonly sink: { history(line: HistoryLine): void; fault(line: FaultLine): void };
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** Every fault is undone and no client asks any more; the final look comes next. */
  readonly onHealed?: () => void;
  readonly onProgress?: (progress: Progress) => void;
}

/** Where a run stands. */
export interface Progress extends RecorderCounts {
  readonly elapsedMs: number;
  /** The faults that hold now, in words. */
  readonly faults: readonly string[];
  readonly leader: { readonly node: string; readonly term: number } | null;
}

/** How a run went; the history has the rest. */
export interface RunOutcome {
  readonly interrupted: boolean;
  readonly durationNs: number;
  /** When the first operation succeeded, or null. */
  readonly firstOkNs: number | null;
  readonly finalReads: RunEnd['finalReads'];
}

const PROGRESS_EVERY_MS = 250;

/** Carries out a plan on a cluster that is ready. Leaves the cluster running and healed. Throws where a fault could not be undone. */
export async function executeRun(plan: Plan, world: World): Promise<RunOutcome> {
  const { cluster, sink, signal } = world;
  const recorder = new Recorder(cluster, (line) => sink.history(line));
  const stopping = new Latch();
  const aborted = new Latch();
  const onAbort = (): void => [stopping, aborted].forEach((latch) => latch.raise());
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  const loopWorld = { plan, cluster, recorder, stopping, processes: new ProcessNumbers(plan.clients) };
  const clients = openClients(loopWorld, world.workload);
  try {
    return await drive({ ...loopWorld, aborted, clients, world });
  } finally {
    stopping.raise();
    signal.removeEventListener('abort', onAbort);
    await Promise.all([...clients.values()].map((client) => client.close()));
    // Where something failed clients may yet be answered, and nobody writes that down any more.
    recorder.close('the run failed');
  }
}

async function drive(
  it: LoopWorld & {
    readonly aborted: Latch;
    readonly clients: ReadonlyMap<ClientSlot, Client>;
    readonly world: World;
  },
): Promise<RunOutcome> {
  const { plan, cluster, recorder, stopping, aborted, clients, world } = it;
  const { workload } = world;
  const endNs = cluster.now() + msToNs(plan.timeMs);
  const keys = keyNames(plan.keys);
  const generators = { keys, slots: plan.clients };
  const faultLoop = new FaultLoop({
    steps: plan.steps,
    cluster,
    recorder,
    write: (line) => world.sink.fault(line),
    stopping,
    isRead: (call) => isRead(workload, call),
  });
  const loops = Promise.all(
    [...clients].map(([slot, client]) =>
      clientLoop(slot, client, workload.generator(slot.slot, slot.role, generators), it),
    ),
  );
  const progress = reportProgress(it, faultLoop);
  try {
    await Promise.race([sleepUntil(cluster, endNs, stopping), loops]);
  } finally {
    stopping.raise();
    await faultLoop.finish();
  }
  await Promise.race([loops, aborted.raised]);
  world.onHealed?.();
  const final = await finalReads({ ...it, workload, keys });
  recorder.close(aborted.isRaised ? 'interrupted' : 'open at the end');
  await progress;
  return {
    interrupted: aborted.isRaised,
    durationNs: cluster.now(),
    firstOkNs: recorder.firstOkNs,
    finalReads: final,
  };
}

function openClients({ plan, cluster }: LoopWorld, workload: Workload): ReadonlyMap<ClientSlot, Client> {
  const open = (slot: ClientSlot): Client =>
    cluster.connect({
      name: `client-${slot.slot}`,
      entry: slot.entry,
      pinned: slot.role === 'witness',
      reads: plan.reads,
      vocabulary: workload.model.name,
      attemptTimeoutMs: plan.attemptTimeoutMs,
      seed: plan.seed,
    });
  const slots = layOutSlots(plan.clients, cluster.nodes(), { hasReads: hasReads(workload) });
  return new Map(slots.map((slot) => [slot, open(slot)]));
}

/** Now and then until the run's time is over. */
async function reportProgress(
  { cluster, recorder, stopping, world }: LoopWorld & { readonly world: World },
  faultLoop: FaultLoop,
): Promise<void> {
  while (world.onProgress !== undefined && !stopping.isRaised) {
    world.onProgress({
      elapsedMs: cluster.now() / NS_PER_MS,
      ...recorder.counts,
      faults: faultLoop.active,
      leader: faultLoop.leader,
    });
    await sleepUntil(cluster, cluster.now() + msToNs(PROGRESS_EVERY_MS), stopping);
  }
}
