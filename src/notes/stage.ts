/**
 * A stage: a cluster, and somebody who tells it what happens next. A story is plain code over the `Cluster` contract (who is cut off, who
 * writes, who reads where), so the same story is told in the simulator, with a seed, and on real processes. What clients ask and are
 * answered is recorded as in every run, and judged by the same checker.
 */
import { NS_PER_MS } from '../base/time.ts';
import type { Call, HistoryLine, Json } from '../../checker/index.ts';
import type {
  Client,
  Cluster,
  Completion,
  Cut,
  FaultAction,
  FaultKind,
  FaultLine,
  FaultTarget,
  NodeId,
  Probe,
} from '../contract/index.ts';
import { asRecorded, Recorder } from '../run/index.ts';

/** What a story waited for and did not see: it could not be told to its end. */
export class Stuck extends Error {}

export interface StageOptions {
  readonly cluster: Cluster;
  readonly seed: string;
  /** The mode in which actors read where they say nothing else. */
  readonly reads: string;
  /** Name of the model in whose words they ask. */
  readonly vocabulary: string;
  /** How often a condition is looked at. */
  readonly pollMs: number;
  /** All probes so far, where the cluster tells of all of them; roles only otherwise. */
  readonly probes: readonly Probe[];
}

/** Clients of a story, whether it has so many or fewer: process numbers count by it (Jepsen's retired processes). */
export const ACTORS_MOST = 8;

/** How long a story waits for what has to come. */
const PATIENCE_MS = 8000;
/** Longer than anything is under way on a link of a story. */
const UNDER_WAY_MS = 6;
const ATTEMPT_TIMEOUT_MS = 150;
const TIMEOUT_MS = 2000;

type RoleProbe = Extract<Probe, { kind: 'role' }>;
type Undo = () => Promise<void>;

export class Stage {
  readonly cluster: Cluster;
  readonly history: HistoryLine[] = [];
  readonly faults: FaultLine[] = [];
  readonly options: StageOptions;
  readonly recorder: Recorder;
  readonly #roles = new Map<NodeId, RoleProbe>();
  readonly #down = new Set<NodeId>();
  readonly #undone: Undo[] = [];
  readonly #stopWatching: () => void;
  readonly #clients: Client[] = [];
  #actors = 0;

  constructor(options: StageOptions) {
    this.options = options;
    this.cluster = options.cluster;
    this.recorder = new Recorder(options.cluster, (line) => this.history.push(line));
    this.#stopWatching = options.cluster.watch((probe) => {
      if (probe.kind === 'role') this.#roles.set(probe.node, probe);
    });
  }

  get ids(): readonly NodeId[] {
    return this.cluster.nodes();
  }

  get nowMs(): number {
    return this.cluster.now() / NS_PER_MS;
  }

  get probes(): readonly Probe[] {
    return this.options.probes;
  }

  /** Not at all, where what it waits for is past already. */
  sleep(ms: number): Promise<void> {
    return this.cluster.sleep(Math.max(0, ms));
  }

  /** Waits until it is so, and says whether it came to that in time. */
  async wait(holds: () => boolean, limitMs: number = PATIENCE_MS): Promise<boolean> {
    for (const endMs = this.nowMs + limitMs; !holds(); await this.sleep(this.options.pollMs)) {
      if (this.nowMs >= endMs) return false;
    }
    return true;
  }

  /** As `wait`; what does not come leaves the story without its end. */
  async until(what: string, holds: () => boolean, limitMs: number = PATIENCE_MS): Promise<void> {
    if (!(await this.wait(holds, limitMs))) throw new Stuck(`waited for ${what}`);
  }

  /** What the node said last of its role; undefined while it is down. */
  role(id: NodeId): RoleProbe | undefined {
    return this.#down.has(id) ? undefined : this.#roles.get(id);
  }

  /** Who leads in the highest term that is known of, those excepted; a deposed leader may believe so in an old one. */
  leaderNow(except: readonly NodeId[] = [], aboveTerm: number = 0): NodeId | undefined {
    const leaders = this.ids
      .filter((id) => !except.includes(id))
      .flatMap((id) => {
        const it = this.role(id);
        return it?.role === 'leader' && it.term > aboveTerm ? [it] : [];
      });
    return leaders.toSorted((a, b) => b.term - a.term)[0]?.node;
  }

  /** Waits until another one than these leads. */
  async leader(except: readonly NodeId[] = []): Promise<NodeId> {
    await this.until('a leader', () => this.leaderNow(except) !== undefined);
    return this.leaderNow(except)!;
  }

  /** Waits until somebody leads in a later term. */
  async leaderAfter(term: number, limitMs: number = PATIENCE_MS): Promise<NodeId> {
    await this.until(`a leader of a term after ${term}`, () => this.leaderNow([], term) !== undefined, limitMs);
    return this.leaderNow([], term)!;
  }

  others(...ids: readonly NodeId[]): NodeId[] {
    return this.ids.filter((id) => !ids.includes(id));
  }

  /** The term in which that node leads, stands or follows. */
  term(id: NodeId): number {
    return this.#roles.get(id)?.term ?? 0;
  }

  /** A client with a process of its own, that begins at that node. */
  actor(entry: NodeId, options: ActorOptions = {}): Actor {
    const slot = this.#actors++;
    if (slot >= ACTORS_MOST) throw new Error('a story has too many actors');
    return new Actor(this, { slot, entry, ...options });
  }

  /** A connection of an actor. */
  connect(options: {
    slot: number;
    nth: number;
    entry: NodeId;
    pinned: boolean;
    reads: string;
    attemptTimeoutMs: number;
  }): Client {
    const { slot, nth, ...rest } = options;
    const { vocabulary, seed } = this.options;
    const client = this.cluster.connect({ name: `client-${slot}.${nth}`, vocabulary, seed, ...rest });
    this.#clients.push(client);
    return client;
  }

  kill(id: NodeId): Promise<Undo> {
    return this.killAll([id]);
  }

  /** At one instant. Returns when what they had sent has arrived, or was lost on a link that is cut. */
  async killAll(ids: readonly NodeId[]): Promise<Undo> {
    for (const id of ids) this.#down.add(id);
    const told = { kind: 'kill', target: 'any', nodes: ids, about: `Kill: ${ids.join(' ')}` } as const;
    const actions = ids.map((node): FaultAction => ({ kind: 'kill', node }));
    const undo = await this.hurt(told, actions, () => this.#begin(ids));
    await this.sleep(UNDER_WAY_MS);
    return undo;
  }

  pause(...ids: readonly NodeId[]): Promise<Undo> {
    const actions = ids.map((node): FaultAction => ({ kind: 'pause', node, resume: 'input-first' }));
    return this.hurt({ kind: 'pause', target: 'any', nodes: ids, about: `Pause: ${ids.join(' ')}` }, actions);
  }

  losePower(...ids: readonly NodeId[]): Promise<Undo> {
    for (const id of ids) this.#down.add(id);
    const action: FaultAction = { kind: 'powerLoss', nodes: ids, seed: this.options.seed, syncDelayMs: 0 };
    return this.hurt(
      { kind: 'power-loss', target: 'any', nodes: ids, about: `Power loss: ${ids.join(' ')}` },
      [action],
      () => this.#begin(ids),
    );
  }

  /** A new life begins as a follower: whoever led before does not lead until it says so again. */
  #begin(ids: readonly NodeId[]): void {
    for (const id of ids) {
      this.#down.delete(id);
      const before = this.#roles.get(id);
      if (before !== undefined) this.#roles.set(id, { ...before, role: 'follower' });
    }
  }

  slowDisk(id: NodeId, syncDelayMs: number): Promise<Undo> {
    const about = `Slow disk: ${id}, every fsync ${syncDelayMs} ms longer`;
    return this.hurt({ kind: 'slow-disk', target: 'any', nodes: [id], about }, [
      { kind: 'slowDisk', node: id, syncDelayMs },
    ]);
  }

  /** Both ways between every node of this side and every other. */
  isolate(...side: readonly NodeId[]): Promise<Undo> {
    const rest = this.others(...side);
    const cuts = side.flatMap((inside) => rest.flatMap((outside) => bothWays(inside, outside)));
    const about = `Partition: ${side.join(' ')} cut off from ${rest.join(' ')}`;
    return this.hurt({ kind: 'partition', target: 'any', nodes: side, sides: [side, rest], about }, [
      { kind: 'link', cuts },
    ]);
  }

  cut(...cuts: readonly Cut[]): Promise<Undo> {
    const about = `Partition: ${cuts.map(({ from, to }) => `nothing from ${from} to ${to}`).join(', ')}`;
    const nodes = [...new Set(cuts.flatMap(({ from, to }) => [from, to]))];
    return this.hurt({ kind: 'partition', target: 'one-way', nodes, about }, [{ kind: 'link', cuts }]);
  }

  slow(delayMs: number, ...links: readonly Cut[]): Promise<Undo> {
    const about = `Slow link: ${links.map(({ from, to }) => `${from} to ${to}`).join(', ')}, ${delayMs} ms`;
    const nodes = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
    const action: FaultAction = { kind: 'disturb', links, trouble: { kind: 'delay', delayMs } };
    return this.hurt({ kind: 'slow-link', target: 'any', nodes, about }, [action]);
  }

  /** Hands the leadership to this node, and waits until it leads. */
  async crown(id: NodeId): Promise<void> {
    if (this.leaderNow() === id) return;
    await this.until(`${id} to lead`, () => this.leaderNow() !== undefined);
    for (let tries = 0; this.leaderNow() !== id; tries++) {
      if (tries === 20) throw new Stuck(`${id} would not lead`);
      const injury = await this.cluster.apply({ kind: 'transfer', node: id }).catch(() => undefined);
      await this.wait(() => this.leaderNow() === id, 300);
      await injury?.heal();
    }
  }

  /** Undoes what still hurts, the last harm first. */
  async healAll(): Promise<void> {
    for (const undo of this.#undone.toReversed()) await undo();
  }

  /** Closes the clients and the history. What is still open is unknown. */
  async end(): Promise<void> {
    this.recorder.close('open at the end');
    this.#stopWatching();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** Harm, written down as every run writes it; the cure is what comes back. */
  async hurt(
    told: {
      readonly kind: FaultKind;
      readonly target: FaultTarget;
      readonly nodes: readonly NodeId[];
      readonly sides?: readonly (readonly NodeId[])[];
      readonly about: string;
    },
    actions: readonly FaultAction[],
    afterwards: () => void = () => {},
  ): Promise<Undo> {
    const leaders = this.leaderNow();
    const leader = leaders === undefined ? null : { node: leaders, term: this.term(leaders) };
    const injuries = await Promise.all(actions.map((action) => this.cluster.apply(action)));
    const id = this.faults.filter(({ event }) => event === 'inject').length;
    const evidence = injuries.map((it) => it.evidence).join('; ');
    this.faults.push({ event: 'inject', id, time: this.cluster.now(), leader, evidence, ...told });
    let isUndone = false;
    const undo = async (): Promise<void> => {
      if (isUndone) return;
      isUndone = true;
      afterwards();
      // At one moment: who is started together counts from the same instant.
      const cured = await Promise.all(injuries.map((it) => it.heal()));
      const effective = cured.every((it) => it.effective);
      const words = cured.map((it) => it.evidence).join('; ');
      this.faults.push({ event: 'heal', id, time: this.cluster.now(), effective, evidence: words, window: false });
    };
    this.#undone.push(undo);
    return undo;
  }
}

export function bothWays(a: NodeId, b: NodeId): readonly Cut[] {
  return [
    { from: a, to: b },
    { from: b, to: a },
  ];
}

export interface ActorOptions {
  /** Stays at its entry node. */
  readonly pinned?: boolean;
  readonly reads?: string;
  readonly attemptTimeoutMs?: number;
  readonly timeoutMs?: number;
}

/** What was asked and may not be answered yet. */
export interface Asked {
  /** Its index in the history: the `#op-<id>` of a report. */
  readonly id: number;
  readonly completion: () => Completion | undefined;
  readonly answered: Promise<Completion>;
}

/** One process of the history. It may ask several nodes, one after another. */
export class Actor {
  readonly #stage: Stage;
  readonly #options: ActorOptions & { readonly slot: number; readonly entry: NodeId };
  readonly #clients = new Map<string, Client>();
  #process: number;

  constructor(stage: Stage, options: ActorOptions & { readonly slot: number; readonly entry: NodeId }) {
    this.#stage = stage;
    this.#options = options;
    this.#process = options.slot;
  }

  write(key: string, value: Json): Promise<Completion> {
    return this.begin({ f: 'write', key, value }).answered;
  }

  /** A write that has to be acknowledged for the story to go on. */
  async put(key: string, value: Json): Promise<number> {
    const asked = this.begin({ f: 'write', key, value });
    const { kind } = await asked.answered;
    if (kind !== 'ok') throw new Stuck(`the write of ${JSON.stringify(value)} was answered ${kind}`);
    return asked.id;
  }

  read(key: string, from: ReadFrom = {}): Promise<Completion> {
    return this.begin({ f: 'read', key, value: null }, from).answered;
  }

  begin(call: Call, from: ReadFrom = {}): Asked {
    const client = this.#client(from);
    const { recorder, history } = this.#stage;
    const process = this.#process;
    recorder.invoke({ process, call, entry: client.target ?? null, witnessOf: null });
    const id = history.length - 1;
    let completion: Completion | undefined;
    const { timeoutMs = TIMEOUT_MS } = this.#options;
    const answered = client.invoke(call, timeoutMs).then((raw) => {
      completion = asRecorded(call, raw);
      if (completion.kind === 'unknown') this.#process += ACTORS_MOST;
      recorder.complete(process, completion);
      return completion;
    });
    return { id, completion: () => completion, answered };
  }

  #client({
    at = this.#options.entry,
    reads = this.#options.reads ?? this.#stage.options.reads,
    pinned = this.#options.pinned ?? false,
  }: ReadFrom): Client {
    const name = `${at} ${reads} ${pinned}`;
    const there = this.#clients.get(name);
    if (there !== undefined) return there;
    const { slot, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS } = this.#options;
    const client = this.#stage.connect({ slot, nth: this.#clients.size, entry: at, pinned, reads, attemptTimeoutMs });
    this.#clients.set(name, client);
    return client;
  }
}

/** Where a call goes, if not where its actor always asks. */
export interface ReadFrom {
  readonly at?: NodeId;
  readonly reads?: string;
  readonly pinned?: boolean;
}

/** What a read saw; undefined where it was not answered. */
export function seen(completion: Completion): Json | undefined {
  return completion.kind === 'ok' ? completion.output : undefined;
}
