/**
 * A cluster that is trivially correct, or deliberately wrong: one map, one leader, real faults, on virtual time. It implements the
 * same contract as processes and simulator, so that what is tested against it is the run alone, second after second in
 * milliseconds, the same every time.
 *
 * Every write goes to the one map at one instant. Every node also has a copy, which follows as long as the node is neither down
 * nor on the smaller side of a cut. Reads in mode `read-index` come from the map; `leader` and `local` from the copy.
 * A stopped leader answers what is in its buffers when it goes on, before it hears of its successor.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Call, Json } from '../../checker/index.ts';
import { msToNs, NS_PER_MS } from '../../src/base/time.ts';
import type {
  Client,
  ClientOptions,
  Cluster,
  Completion,
  FaultAction,
  Injury,
  NodeId,
  Probe,
} from '../../src/contract/index.ts';
import { execute, isRefused } from '../../src/kv/objects.ts';
import { toOperation, vocabularyOf } from '../../src/kv/vocabulary.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import type { Operation } from '../../src/wire/client-protocol.ts';

const ONE_WAY_MS = 5;
const ELECTION_MS = 200;
const BACKOFF_MS = 20;

interface MemoryNode {
  readonly id: NodeId;
  state: 'up' | 'paused' | 'killed';
  isCutOff: boolean;
  copy: Map<string, Json>;
  /** What it believes of itself. */
  leadsTerm: number | null;
  /** Requests that arrived while it was stopped. */
  buffered: (() => void)[];
}

interface MemoryOptions {
  /** 5 nodes unless said otherwise. */
  readonly nodes?: number;
  /** A cluster on which faults can be asked for, but do nothing. */
  readonly invulnerable?: boolean;
  /** Nothing is ever answered for these keys. */
  readonly deafKeys?: readonly string[];
}

export class MemoryCluster implements Cluster {
  readonly can: Cluster['can'] = new Set(['kill', 'pause', 'link'] as const);
  /** Every action, in order, and every cure. */
  readonly log: string[] = [];
  readonly probes: Probe[] = [];
  readonly #clock = new VirtualClock();
  readonly #nodes: readonly MemoryNode[];
  readonly #map = new Map<string, Json>();
  readonly #listeners = new Set<(probe: Probe) => void>();
  readonly #options: MemoryOptions;
  #term = 0;

  constructor(options: MemoryOptions = {}) {
    this.#options = options;
    this.#nodes = Array.from({ length: options.nodes ?? 5 }, (_, i) => ({
      id: `n${i + 1}`,
      state: 'up',
      isCutOff: false,
      copy: new Map<string, Json>(),
      leadsTerm: null,
      buffered: [],
    }));
    this.#elect();
  }

  /** Lets virtual time pass until `work` is done. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const finished = work.finally(() => (isDone = true));
    finished.catch(() => {});
    const isOver = (): boolean => isDone;
    while (!isOver()) {
      this.#clock.step(this.#clock.nowNs() + msToNs(1));
      await turn();
    }
    return finished;
  }

  /** Does something at a moment of virtual time. */
  at(ms: number, happen: () => void): void {
    this.#clock.at(msToNs(ms), happen);
  }

  nodes(): readonly NodeId[] {
    return this.#nodes.map(({ id }) => id);
  }

  now(): number {
    return this.#clock.nowNs();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#after(ms, resolve));
  }

  async apply(action: FaultAction): Promise<Injury> {
    await this.sleep(1);
    if (action.kind !== 'link' && action.kind !== 'kill' && action.kind !== 'pause') {
      throw new Error(`this cluster knows no ${action.kind}`);
    }
    const name = action.kind === 'link' ? `link ${cutOffBy(action).join(' ')}` : `${action.kind} ${action.node}`;
    this.log.push(name);
    const hit = action.kind === 'link' ? cutOffBy(action) : [action.node];
    if (!this.#options.invulnerable) for (const id of hit) this.#hurt(this.#node(id), action.kind);
    return {
      nodes: hit,
      evidence: `${name} seen`,
      heal: async () => {
        await this.sleep(1);
        this.log.push(`heal ${name}`);
        for (const id of hit) this.#cure(this.#node(id), action.kind);
        return { effective: !this.#options.invulnerable, evidence: `${name} until now` };
      },
    };
  }

  watch(listener: (probe: Probe) => void): () => void {
    for (const { id, leadsTerm } of this.#nodes) if (leadsTerm !== null) listener(this.#roleProbe(id, leadsTerm));
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connect(options: ClientOptions): Client {
    return {
      invoke: (call, timeoutMs) => this.#invoke(options, call, timeoutMs),
      close: async () => {},
    };
  }

  async stop(): Promise<void> {}

  #invoke(options: ClientOptions, call: Call, timeoutMs: number): Promise<Completion> {
    return new Promise((resolve) => {
      this.#after(timeoutMs, () => resolve({ kind: 'unknown', error: 'timeout' }));
      if (this.#options.deafKeys?.includes(call.key!)) return;
      const answer = (completion: Completion): void => this.#after(ONE_WAY_MS, () => resolve(completion));
      this.#after(ONE_WAY_MS, () => this.#deliver(options, call, answer));
    });
  }

  #deliver(options: ClientOptions, call: Call, answer: (completion: Completion) => void): void {
    const staysThere = options.pinned || (options.reads === 'local' && asked(options, call).f === 'read');
    const node = staysThere
      ? this.#node(options.entry)
      : this.#nodes.find(({ leadsTerm }) => leadsTerm === this.#term)!;
    if (node.state === 'killed') return;
    if (node.state === 'paused') node.buffered.push(() => this.#serve(node, options, call, answer));
    else this.#serve(node, options, call, answer);
  }

  #serve(node: MemoryNode, options: ClientOptions, call: Call, answer: (completion: Completion) => void): void {
    const { reads } = options;
    const operation = asked(options, call);
    const isLocal = operation.f === 'read' && (reads === 'local' || (reads === 'leader' && node.leadsTerm !== null));
    const from = { node: node.id, term: node.leadsTerm ?? this.#term };
    if (isLocal) {
      const output = node.copy.get(operation.key) ?? vocabularyOf(options.vocabulary ?? 'register')!.nothing;
      return answer({ kind: 'ok', output, from });
    }
    if (node.leadsTerm !== this.#term || node.isCutOff) {
      return this.#after(BACKOFF_MS, () => answer({ kind: 'fail', error: 'not-leader', from: { node: node.id } }));
    }
    answer({ ...this.#applyToMap(options, operation), from });
  }

  #applyToMap(options: ClientOptions, operation: Operation): Exclude<Completion, { kind: 'unknown' }> {
    const { output, next } = execute(this.#map.get(operation.key) ?? null, operation);
    if (isRefused(operation, output)) return { kind: 'fail', error: output };
    if (operation.f === 'cas' && output === false) return { kind: 'fail', error: 'mismatch' };
    if (next !== undefined) this.#map.set(operation.key, next);
    if (next !== undefined) this.#replicate();
    const isUnwritten = operation.f === 'read' && output === null;
    return { kind: 'ok', output: isUnwritten ? vocabularyOf(options.vocabulary ?? 'register')!.nothing : output };
  }

  #replicate(): void {
    for (const node of this.#nodes) if (node.state === 'up' && !node.isCutOff) node.copy = new Map(this.#map);
  }

  #hurt(node: MemoryNode, kind: FaultAction['kind']): void {
    if (kind === 'link') node.isCutOff = true;
    else node.state = kind === 'kill' ? 'killed' : 'paused';
    if (node.leadsTerm === this.#term) this.#after(ELECTION_MS, () => this.#elect());
  }

  #cure(node: MemoryNode, kind: FaultAction['kind']): void {
    if (kind === 'link') node.isCutOff = false;
    else node.state = 'up';
    for (const serve of node.buffered.splice(0)) serve();
    if (node.leadsTerm !== null && node.leadsTerm < this.#term) this.#stepDown(node);
    this.#replicate();
  }

  #stepDown(node: MemoryNode): void {
    node.leadsTerm = null;
    this.#tell({ time: this.now(), node: node.id, kind: 'role', role: 'follower', term: this.#term, leader: null });
  }

  #elect(): void {
    const able = this.#nodes.filter(({ state, isCutOff }) => state === 'up' && !isCutOff);
    if (able.some(({ leadsTerm }) => leadsTerm === this.#term)) return;
    if (able.length * 2 <= this.#nodes.length) return this.#after(ELECTION_MS, () => this.#elect());
    const next = able[this.#term % able.length]!;
    next.leadsTerm = ++this.#term;
    this.#tell(this.#roleProbe(next.id, this.#term));
  }

  #roleProbe(node: NodeId, term: number): Probe {
    return { time: this.now(), node, kind: 'role', role: 'leader', term, leader: node };
  }

  #tell(probe: Probe): void {
    this.probes.push(probe);
    for (const listener of this.#listeners) listener(probe);
  }

  #node(id: NodeId): MemoryNode {
    return this.#nodes.find((node) => node.id === id)!;
  }

  #after(ms: number, happen: () => void): void {
    this.#clock.after(Math.round(ms * NS_PER_MS), happen);
  }
}

function asked({ vocabulary = 'register' }: ClientOptions, call: Call): Operation {
  return toOperation(vocabularyOf(vocabulary)!, call);
}

/** The side of a cut with fewer nodes: those that lost more links. */
function cutOffBy({ cuts }: Extract<FaultAction, { kind: 'link' }>): readonly NodeId[] {
  const lost = new Map<NodeId, number>();
  for (const { from } of cuts) lost.set(from, (lost.get(from) ?? 0) + 1);
  const most = Math.max(...lost.values());
  return [...lost].flatMap(([node, count]) => (count === most ? [node] : []));
}
