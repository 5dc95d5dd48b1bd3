/** A small simulated cluster for tests that tell a story: calm links, usual timeouts, and verbs that run until they are done. */
import { expect } from 'vitest';
import { msToNs } from '../../src/base/time.ts';
import type { Call, Json } from '../../checker/index.ts';
import type { Completion, Probe } from '../../src/contract/index.ts';
import { Invariants } from '../../src/invariants/index.ts';
import { rulesOf } from '../../src/replica/index.ts';
import { CALM_LINK, Simulation, type SimClient, type SimulationOptions } from '../../src/sim/sim.ts';
import type { Response } from '../../src/wire/client-protocol.ts';
import { Load } from './load.ts';
import { Operator } from './operator.ts';

/** Election timeouts of 150 to 300 ms, as in the paper (9.3), all defences on. */
const CORE: SimulationOptions['core'] = {
  electionTimeoutMinNs: msToNs(150),
  electionTimeoutMaxNs: msToNs(300),
  heartbeatNs: msToNs(40),
  preVote: true,
  checkQuorum: true,
  maxEntriesPerMessage: 1000,
  maxInFlight: 8,
};

export interface TestClusterOptions {
  readonly nodes: number;
  readonly mutant: string | null;
  readonly seed: string;
  readonly core: Partial<SimulationOptions['core']>;
  readonly reads: string;
  readonly syncMs: readonly [number, number];
  readonly snapshots: NonNullable<SimulationOptions['snapshots']>;
  readonly segmentBytes: number;
  readonly clockRates: readonly number[];
}

export class TestCluster {
  readonly simulation: Simulation;
  readonly probes: Probe[] = [];
  readonly invariants: Invariants = new Invariants();
  readonly load: Load;
  readonly #operator: Operator;
  readonly #reads: string;
  #clients = 0;

  constructor(options: Partial<TestClusterOptions> = {}) {
    const { nodes = 3, mutant = null, seed = 'story', core = {}, reads = 'read-index', syncMs = [0.1, 0.5] } = options;
    const { snapshots = {}, segmentBytes = 1_000_000, clockRates = [] } = options;
    this.#reads = reads;
    this.simulation = new Simulation({
      seed,
      nodes,
      rules: rulesOf(mutant)!,
      core: { ...CORE, ...core },
      peerLink: CALM_LINK,
      clientLink: CALM_LINK,
      syncMs,
      snapshots,
      segmentBytes,
      clockRates,
      onProbe: (probe) => {
        this.probes.push(probe);
        this.invariants.observe(probe);
      },
    });
    this.#operator = new Operator(this.simulation);
    // Without clients of its own: it records what the story's clients ask.
    this.load = new Load(this.simulation, {
      seed,
      clients: 0,
      witnesses: 0,
      keys: ['x'],
      reads,
      pauseMs: 1,
      attemptTimeoutMs: 150,
      operationTimeoutMs: 2000,
    });
  }

  get ids(): readonly string[] {
    return this.simulation.ids;
  }

  start(): this {
    this.simulation.startAll();
    return this;
  }

  /** Runs until a node other than these leads and has committed an entry of its own term; gives its id. */
  awaitLeader(other: readonly string[] = []): string {
    const leads = (id: string): boolean => {
      const status = this.simulation.node(id).status();
      return !other.includes(id) && status?.role === 'leader' && this.#committedOwn(id, status.term);
    };
    this.until(`a leader other than [${other.join(' ')}]`, () => this.ids.some(leads));
    return this.ids.find(leads)!;
  }

  until(what: string, holds: () => boolean, limitMs = 5000): void {
    expect(this.simulation.runUntil(holds, limitMs), `waited for ${what}`).toBe(true);
  }

  /** A client with a process of its own. */
  client(entry: string, options: { readonly pinned?: boolean; readonly attemptTimeoutMs?: number } = {}): TestClient {
    const process = this.#clients++;
    const { pinned = false, attemptTimeoutMs = 150 } = options;
    const name = `client${process}`;
    const client = this.simulation.connect({ name, entry, pinned, reads: this.#reads, attemptTimeoutMs });
    return new TestClient(this, client, process);
  }

  /** Has the members changed, by whoever leads, and waits until it is done; new nodes are started first, as learners. */
  change(voters: readonly string[], learners: readonly string[] = []): void {
    for (const id of [...voters, ...learners]) if (!this.ids.includes(id)) this.simulation.join(id);
    const isNew = (id: string): boolean => !this.#operator.voters.includes(id);
    if (voters.some(isNew)) {
      const newcomers = [...new Set([...voters.filter(isNew), ...learners])];
      this.#operator.become({ voters: this.#operator.voters, learners: newcomers });
    }
    this.#operator.become({ voters, learners });
    this.until(`[${voters.join(' ')}] as voters`, () => this.#operator.isIdle, 10_000);
  }

  /** Asks one node for a change and does not wait; what is returned gives the answer once there is one. */
  askToChange(
    id: string,
    voters: readonly string[],
    learners: readonly string[] = [],
  ): () => Response | null | undefined {
    let answer: Response | null | undefined;
    this.simulation.changeMembers(id, { voters, learners }, (it) => (answer = it));
    return () => answer;
  }

  followers(leader: string): string[] {
    return this.ids.filter((id) => id !== leader);
  }

  #committedOwn(id: string, term: number): boolean {
    return this.probes.some((it) => it.node === id && it.kind === 'commit' && it.term === term);
  }
}

/** A client whose calls run the simulation until they are answered. */
export class TestClient {
  readonly #cluster: TestCluster;
  readonly #client: SimClient;
  readonly #process: number;

  constructor(cluster: TestCluster, client: SimClient, process: number) {
    this.#cluster = cluster;
    this.#client = client;
    this.#process = process;
  }

  read(key: string): Completion {
    return this.#call({ f: 'read', key, value: null });
  }

  write(key: string, value: Json): Completion {
    return this.#call({ f: 'write', key, value });
  }

  cas(key: string, from: Json, to: Json): Completion {
    return this.#call({ f: 'cas', key, value: [from, to] });
  }

  /** Asks without waiting; what is returned gives the completion once there is one. */
  begin(call: Call): () => Completion | undefined {
    let completion: Completion | undefined;
    this.#cluster.load.ask(this.#client, this.#process, call, (it) => (completion = it));
    return () => completion;
  }

  /** A microsecond after whatever came before: calls at one instant would count as concurrent. */
  #call(call: Call): Completion {
    this.#cluster.simulation.runFor(0.001);
    const answer = this.begin(call);
    this.#cluster.until(`an answer to ${call.f}`, () => answer() !== undefined);
    return answer()!;
  }
}
