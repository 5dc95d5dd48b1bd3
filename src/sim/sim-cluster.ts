/**
 * The simulator as a `Cluster`: whoever drives clients and faults against it cannot tell it from real processes. What they wait for are
 * promises; so the clock stands still after every event that settled one, until everybody who waited has had a say.
 */
import { setImmediate as turnOfEventLoop } from 'node:timers';
import type { Call } from '../../checker/index.ts';
import { assert } from '../base/assert.ts';
import { keyed } from '../base/random.ts';
import { msToNs, NS_PER_MS, type Nanos } from '../base/time.ts';
import type { Capability, Client, ClientOptions, Cluster, Completion, Stop } from '../contract/index.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { Probe } from '../contract/probe.ts';
import type { SimulatedLink, SimulatedWorld } from '../contract/simulated.ts';
import { handOver, Members, type MemberSet } from '../faults/index.ts';
import { rulesOf } from '../replica/index.ts';
import type { Response } from '../wire/client-protocol.ts';
export type { Failure } from './sim.ts';
import { SimFaults } from './sim-faults.ts';
import { Simulation, type Failure, type LinkOptions, type SimClient, type SimulationOptions } from './sim.ts';

export interface SimClusterOptions {
  readonly seed: string;
  readonly nodes: number;
  /** Id of a mutant, or null for the correct node. */
  readonly mutant: string | null;
  readonly electionTimeoutMs: readonly [min: number, max: number];
  readonly world: SimulatedWorld;
  /** Every probe of every node, as it happens. */
  readonly onProbe: (probe: Probe) => void;
}

/** What such a cluster can be made to suffer. */
export const SIM_CAPABILITIES: ReadonlySet<Capability> = new Set([
  'kill',
  'pause',
  'link',
  'link-trouble',
  'duplicate',
  'power-loss',
  'slow-disk',
  'disk',
  'fsync-error',
  'clock',
  'members',
  'probes',
] as const);

/** How long disks are slow before the power goes, in fsyncs. */
const SLOW_FSYNCS = 2;

export class SimCluster implements Cluster {
  readonly can: ReadonlySet<Capability> = SIM_CAPABILITIES;
  readonly #simulation: Simulation;
  readonly #members: Members;
  readonly #faults: SimFaults;
  readonly #listeners = new Set<(probe: Probe) => void>();
  /** What each node said last of its role. */
  readonly #roles = new Map<NodeId, Probe>();
  readonly #time = { nowMs: () => this.now() / NS_PER_MS, sleep: (ms: number) => this.sleep(ms) };
  /** Somebody's promise was settled by the last event. */
  #isAwaited = true;
  #lastNowNs: Nanos = -1;

  constructor(options: SimClusterOptions) {
    this.#simulation = new Simulation(simulationOptions(options, (probe) => this.#onProbe(probe, options.onProbe)));
    this.#faults = new SimFaults(this.#simulation);
    this.#members = new Members({
      voters: [...this.#simulation.ids],
      current: () => Promise.resolve(this.#currentMembers()),
      request: (leader, wanted) => this.#changeMembers(leader, wanted),
      join: async (id, inPlaceOf) => {
        this.#simulation.join(id, inPlaceOf === undefined ? undefined : this.#simulation.addressOf(inPlaceOf));
      },
      retire: async (id) => {
        this.#roles.delete(id);
        this.#simulation.retire(id);
      },
      ...this.#time,
    });
    this.#simulation.startAll();
  }

  /** Nodes that ended by themselves. */
  get failures(): readonly Failure[] {
    return this.#simulation.failures;
  }

  nodes(): readonly NodeId[] {
    return this.#members.voters;
  }

  /** Like any real clock it never gives the same instant twice: a call is after the answer that came before it. */
  now(): Nanos {
    this.#lastNowNs = Math.max(this.#lastNowNs + 1, this.#simulation.clock.nowNs());
    return this.#lastNowNs;
  }

  sleep(ms: number): Promise<void> {
    return this.#promise((resolve) => this.#simulation.clock.after(msToNs(ms), resolve));
  }

  /** Lets time pass until `work`, which waits for this cluster, is settled; its result. */
  async play<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    work.then(settle, settle);
    for (let nth = 0; ; nth++) {
      await promisesToSettle(nth);
      if (isSettled) return work;
      this.#isAwaited = false;
      while (!this.#isAwaited) {
        assert(this.#simulation.clock.step(Infinity), 'somebody waits for what will never happen');
      }
    }
  }

  /** Rejects with a StalemateError where the harm cannot be done: the node is already down, or stopped. */
  async apply(action: FaultAction): Promise<Injury> {
    switch (action.kind) {
      case 'addNode':
      case 'addNodes':
      case 'removeNode':
      case 'replaceNode':
        return this.#members.apply(action);
      case 'transfer':
        return handOver(
          {
            leader: () => this.#leader(),
            ask: (leader, target) => this.#answer((done) => this.#simulation.transferLeadership(leader, target, done)),
            ...this.#time,
          },
          action.node,
        );
      case 'bitFlip':
        return this.#faults.flipBit(action, (nodes) => this.#members.replaceLost(nodes));
      case 'wipe':
        return this.#faults.wipe(action, (nodes) => this.#members.replaceLost(nodes));
      case 'powerLoss':
        if (action.syncDelayMs > 0) await this.#slowDown(action);
        return this.#faults.apply(action);
      case 'clock':
      case 'diskFull':
      case 'disturb':
      case 'failSync':
      case 'kill':
      case 'link':
      case 'pause':
      case 'slowDisk':
        return this.#faults.apply(action);
    }
  }

  /** Tells at once what each node said last of its role, then every probe. */
  watch(listener: (probe: Probe) => void): Stop {
    for (const probe of this.#roles.values()) listener(probe);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connect(options: ClientOptions): Client {
    return new AwaitedClient(this.#simulation.connect(options), () => (this.#isAwaited = true));
  }

  /** From now on links lose nothing, and disks are fast: what is left of the world is what Raft promises progress in. */
  settle(): void {
    this.#simulation.settle();
  }

  async stop(): Promise<void> {
    for (const id of this.#simulation.ids) this.#simulation.crash(id);
  }

  /** The disks get slow and the work goes on, so that more than usual is under way when the power goes. */
  async #slowDown({ nodes, syncDelayMs }: Extract<FaultAction, { kind: 'powerLoss' }>): Promise<void> {
    const slow = nodes.map((id) => this.#simulation.slowDisk(id, syncDelayMs));
    await this.sleep(SLOW_FSYNCS * syncDelayMs);
    for (const stop of slow) stop();
  }

  #promise<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve) => {
      begin((value) => {
        this.#isAwaited = true;
        resolve(value);
      });
    });
  }

  #onProbe(probe: Probe, onProbe: (probe: Probe) => void): void {
    if (probe.kind === 'role') {
      this.#roles.set(probe.node, probe);
      // Somebody may wait for a leader.
      this.#isAwaited = true;
    }
    onProbe(probe);
    for (const listener of this.#listeners) listener(probe);
  }

  /** The leader of the highest term that was heard of. */
  #leader(): NodeId | null {
    const leaders = [...this.#roles.values()].flatMap((it) => (it.kind === 'role' && it.role === 'leader' ? [it] : []));
    return leaders.toSorted((a, b) => b.term - a.term)[0]?.node ?? null;
  }

  #currentMembers(): (MemberSet & { readonly leader: NodeId }) | null {
    const leader = this.#leader();
    const status = leader === null ? undefined : this.#simulation.node(leader).status();
    return leader === null || status?.role !== 'leader' ? null : { leader, ...status.configuration };
  }

  async #changeMembers(leader: NodeId, wanted: MemberSet): Promise<boolean> {
    const answer = await this.#answer((done) => this.#simulation.changeMembers(leader, wanted, done));
    return answer?.kind === 'result';
  }

  /** Null where none came in time. */
  #answer(ask: (done: (answer: Response | null) => void) => void): Promise<Response | null> {
    return this.#promise((resolve) => {
      ask(resolve);
      this.#simulation.clock.after(ANSWER_TIMEOUT_NS, () => resolve(null));
    });
  }
}

const ANSWER_TIMEOUT_NS = msToNs(1000);

/** So often the world outside is heard: an interrupt, or another thread. */
const TICKS_A_TURN = 1000;

/** Resolves when no other promise is left that could be: ticks come after all of them, and cost less than a turn of the event loop. */
function promisesToSettle(nth: number): Promise<void> {
  return new Promise((resolve) => (nth % TICKS_A_TURN === 0 ? turnOfEventLoop(resolve) : process.nextTick(resolve)));
}

/** A client whose calls can be waited for. */
class AwaitedClient implements Client {
  readonly #client: SimClient;
  readonly #onSettled: () => void;

  constructor(client: SimClient, onSettled: () => void) {
    this.#client = client;
    this.#onSettled = onSettled;
  }

  get target(): NodeId {
    return this.#client.target;
  }

  invoke(call: Call, timeoutMs: number): Promise<Completion> {
    let settle: (completion: Completion) => void;
    const completion = new Promise<Completion>((resolve) => (settle = resolve));
    this.#client.invoke(call, timeoutMs, (it) => {
      this.#onSettled();
      settle(it);
    });
    return completion;
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}

function simulationOptions(
  { seed, nodes, mutant, electionTimeoutMs, world }: SimClusterOptions,
  onProbe: (probe: Probe) => void,
): SimulationOptions {
  const [minMs, maxMs] = electionTimeoutMs;
  const { preVote, checkQuorum, maxEntriesPerMessage, maxInFlight, heartbeatMs, snapshots } = world;
  const { everyEntries, keepEntries, sliceBytes, pauseMs } = snapshots;
  return {
    seed,
    nodes,
    rules: rulesOf(mutant)!,
    core: {
      electionTimeoutMinNs: msToNs(minMs),
      electionTimeoutMaxNs: msToNs(maxMs),
      heartbeatNs: msToNs(heartbeatMs),
      preVote,
      checkQuorum,
      maxEntriesPerMessage,
      maxInFlight,
      ...(world.losesTrack === true && {
        drawNextIndex: (follower: NodeId, round: number) => keyed(seed, 'nextIndex', follower, round).next(),
      }),
    },
    peerLink: linkOptions(world.peerLink),
    clientLink: linkOptions(world.clientLink),
    syncMs: world.syncMs,
    snapshots: {
      everyEntries: everyEntries ?? Infinity,
      everyBytes: Infinity,
      keepEntries,
      sliceBytes,
      pauseNs: msToNs(pauseMs),
    },
    segmentBytes: world.segmentBytes,
    clockRates: world.clockRates,
    onProbe,
  };
}

function linkOptions({ delayMs: [minMs, maxMs], lateMs, ...rest }: SimulatedLink): LinkOptions {
  return { ...rest, minDelayNs: msToNs(minMs), maxDelayNs: msToNs(maxMs), lateNs: msToNs(lateMs) };
}
