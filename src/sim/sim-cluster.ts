/**
 * The simulator as a `Cluster`: whoever drives clients and faults against it cannot tell it from real processes. What they wait for are
 * promises; so the clock stands still after every event that settled one, until everybody who waited has had a say.
 */
import { setImmediate as promisesToSettle } from 'node:timers/promises';
import type { Call } from '../../checker/index.ts';
import { assert } from '../base/assert.ts';
import { StalemateError } from '../base/errors.ts';
import { msToNs, NS_PER_MS, type Nanos } from '../base/time.ts';
import type { Capability, Client, ClientOptions, Cluster, Completion, Stop } from '../contract/index.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { Probe } from '../contract/probe.ts';
import type { SimulatedLink, SimulatedWorld } from '../contract/simulated.ts';
import { handOver, injury, Members, type MemberSet } from '../faults/index.ts';
import { rulesOf } from '../replica/index.ts';
import type { Response } from '../wire/client-protocol.ts';
export type { Failure } from './sim.ts';
import { CountedCuts } from './counted-cuts.ts';
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
  'power-loss',
  'members',
  'probes',
] as const);

/** How long disks are slow before the power goes, in fsyncs. */
const SLOW_FSYNCS = 2;

export class SimCluster implements Cluster {
  readonly can: ReadonlySet<Capability> = SIM_CAPABILITIES;
  readonly #simulation: Simulation;
  readonly #members: Members;
  readonly #cuts: CountedCuts;
  readonly #listeners = new Set<(probe: Probe) => void>();
  /** What each node said last of its role. */
  readonly #roles = new Map<NodeId, Probe>();
  /** How many faults keep each node down. */
  readonly #holds = new Map<NodeId, number>();
  readonly #retired = new Set<NodeId>();
  readonly #time = { nowMs: () => this.now() / NS_PER_MS, sleep: (ms: number) => this.sleep(ms) };
  /** Somebody's promise was settled by the last event. */
  #isAwaited = true;
  #lastNowNs: Nanos = -1;

  constructor(options: SimClusterOptions) {
    this.#simulation = new Simulation(simulationOptions(options, (probe) => this.#onProbe(probe, options.onProbe)));
    this.#cuts = new CountedCuts(this.#simulation);
    this.#members = new Members({
      voters: [...this.#simulation.ids],
      current: () => Promise.resolve(this.#currentMembers()),
      request: (leader, wanted) => this.#changeMembers(leader, wanted),
      join: async (id) => this.#simulation.join(id),
      retire: async (id) => {
        this.#retired.add(id);
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
    for (;;) {
      await promisesToSettle();
      if (isSettled) return work;
      this.#isAwaited = false;
      while (!this.#isAwaited) {
        assert(this.#simulation.clock.step(Infinity), 'somebody waits for what will never happen');
      }
    }
  }

  /** Rejects with a StalemateError where the harm cannot be done: the node is already down, or stopped. */
  apply(action: FaultAction): Promise<Injury> {
    switch (action.kind) {
      case 'kill':
        return this.#kill(action.node);
      case 'pause':
        return this.#pause(action);
      case 'link':
        return this.#cut(action);
      case 'powerLoss':
        return this.#losePower(action);
      case 'addNode':
      case 'removeNode':
      case 'replaceNode':
        return this.#members.apply(action);
      case 'transfer':
        return handOver(
          {
            leader: () => this.#leader(),
            ask: (leader, target) => this.#transfer(leader, target),
            ...this.#time,
          },
          action.node,
        );
      default:
        throw new StalemateError('failed', `the simulator has no ${action.kind}`);
    }
  }

  /** Tells at once what each node said last of its role, then every probe. */
  watch(listener: (probe: Probe) => void): Stop {
    for (const probe of this.#roles.values()) listener(probe);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connect(options: ClientOptions): Client {
    return new AwaitedClient(this.#simulation.connect(options), (begin) => this.#promise(begin));
  }

  async stop(): Promise<void> {
    for (const id of this.#simulation.ids) this.#simulation.crash(id);
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

  async #transfer(leader: NodeId, target: NodeId): Promise<string> {
    const answer = await this.#answer((done) => this.#simulation.transferLeadership(leader, target, done));
    return answer?.kind === 'result' ? String(answer.output) : (answer?.kind ?? 'no answer');
  }

  /** Null where none came in time. */
  #answer(ask: (done: (answer: Response | null) => void) => void): Promise<Response | null> {
    return this.#promise((resolve) => {
      ask(resolve);
      this.#simulation.clock.after(ANSWER_TIMEOUT_NS, () => resolve(null));
    });
  }

  async #kill(id: NodeId): Promise<Injury> {
    this.#refuseIfDown(id);
    this.#hold(id);
    this.#simulation.crash(id);
    return injury([id], 'its process is gone', async () => {
      const effective = this.#isDown(id);
      return { effective, evidence: `was down until now; ${this.#release(id)}` };
    });
  }

  async #pause({ node: id, resume = 'input-first' }: Extract<FaultAction, { kind: 'pause' }>): Promise<Injury> {
    this.#refuseIfDown(id);
    const node = this.#simulation.node(id);
    if (node.isPaused) throw new StalemateError('failed', `${id} is already paused`);
    this.#simulation.pause(id);
    return injury([id], 'stands still', async () => {
      const effective = node.isPaused;
      if (effective) this.#simulation.resume(id, resume);
      return { effective, evidence: effective ? `stood still until now; ${resume}` : 'did not stand still any more' };
    });
  }

  async #cut({ cuts }: Extract<FaultAction, { kind: 'link' }>): Promise<Injury> {
    const nodes = [...new Set(cuts.flatMap(({ from, to }) => [from, to]))];
    const lostSoFar = (): number => cuts.reduce((sum, { from, to }) => sum + this.#simulation.lostOn(from, to), 0);
    const before = lostSoFar();
    this.#cuts.add(cuts);
    return injury(nodes, `${cuts.length} links cut`, async () => {
      const lost = lostSoFar() - before;
      this.#cuts.remove(cuts);
      return { effective: lost > 0, evidence: `${lost} frames were lost` };
    });
  }

  /** Effective if anything was lost that a mere kill would have left. */
  async #losePower({ nodes, syncDelayMs }: Extract<FaultAction, { kind: 'powerLoss' }>): Promise<Injury> {
    if (syncDelayMs > 0) await this.sleep(SLOW_FSYNCS * syncDelayMs);
    for (const id of nodes) this.#hold(id);
    const lost = this.#simulation.losePower(nodes);
    const words = `${lost} unsynced sectors and changes of folders were lost`;
    return injury(nodes, words, async () => {
      const effective = nodes.every((id) => this.#isDown(id)) && lost > 0;
      for (const id of nodes) this.#release(id);
      return { effective, evidence: lost > 0 ? words : `${words}, so this was no more than a kill` };
    });
  }

  #isDown(id: NodeId): boolean {
    return this.#simulation.node(id).status() === undefined;
  }

  #refuseIfDown(id: NodeId): void {
    if (this.#isDown(id)) throw new StalemateError('failed', `${id} is already down`);
  }

  #hold(id: NodeId): void {
    this.#holds.set(id, (this.#holds.get(id) ?? 0) + 1);
  }

  #release(id: NodeId): string {
    const holds = this.#holds.get(id)! - 1;
    this.#holds.set(id, holds);
    if (holds > 0) return 'stays down for another fault';
    if (this.#retired.has(id)) return 'left the cluster meanwhile';
    this.#simulation.start(id);
    return 'runs again';
  }
}

const ANSWER_TIMEOUT_NS = msToNs(1000);

type Promised<T> = (begin: (resolve: (value: T) => void) => void) => Promise<T>;

/** A client whose calls can be waited for. */
class AwaitedClient implements Client {
  readonly #client: SimClient;
  readonly #promise: Promised<Completion>;

  constructor(client: SimClient, promise: Promised<Completion>) {
    this.#client = client;
    this.#promise = promise;
  }

  get target(): NodeId {
    return this.#client.target;
  }

  invoke(call: Call, timeoutMs: number): Promise<Completion> {
    return this.#promise((resolve) => this.#client.invoke(call, timeoutMs, resolve));
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
