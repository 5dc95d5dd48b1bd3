/**
 * A cluster of a system that is not ours: its programs, once for each node, on ports of their own. It implements the contract's Cluster as
 * the bundled one does, with what can be done to any program: kill it, stop it, and cut or slow down the links that lead through proxies.
 */
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { StalemateError } from '../base/errors.ts';
import type { Nanos } from '../base/time.ts';
import type { Client, ClientOptions, Cluster, Stop } from '../contract/cluster.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import type { Capability, NodeId } from '../contract/names.ts';
import type { Plan } from '../contract/plan.ts';
import type { Probe } from '../contract/probe.ts';
import type { Crash, Launch, Place, ProcessSystem, RunningCluster, StartOptions } from '../contract/system.ts';
import { injury } from '../faults/index.ts';
import { ForeignNode } from './foreign-node.ts';
import { makePlace, type ForeignPlace } from './foreign-place.ts';
import { startGuard, type Guard } from './guard.ts';
import { canMakeHosts, Hosts } from './hosts.ts';
import { LinkProxies } from './link-proxies.ts';
import { canLosePower, LossyDisks } from './lossy-disks.ts';
import { Looks } from './looks.ts';
import { untilServes } from './readiness.ts';
import { canTellOwners } from './socket-owner.ts';
import { canTraceSyncs, failSyncs, slowSyncs, type TraceWorld } from './traced-syncs.ts';

export interface ForeignClusterOptions extends StartOptions {
  readonly system: ProcessSystem;
  /** The path of a program, by its name. */
  readonly program: Place['program'];
  /** Makes a client that speaks to the nodes of that place. */
  readonly connect: (system: ProcessSystem, place: Place, options: ClientOptions) => Client;
}

/** What a cluster of other programs offers beyond the contract. */
export interface ForeignCluster extends RunningCluster {
  readonly place: Place;
  /** Of the nodes that live: all their processes; and the guard's. */
  pids(): { readonly nodes: Readonly<Record<NodeId, readonly number[]>>; readonly guard: number };
}

/** What the programs of that system can be made to suffer here. */
export function capabilitiesOf(system: ProcessSystem): ReadonlySet<Capability> {
  return new Set([
    ...(['kill', 'pause'] as const),
    ...ofLinks(system),
    ...(canLosePower() ? (['power-loss'] as const) : []),
    ...(canTraceSyncs() ? (['slow-disk', 'fsync-error'] as const) : []),
  ]);
}

function ofLinks({ ports, links }: ProcessSystem): readonly Capability[] {
  if (links === 'hosts') return canMakeHosts() ? ['link'] : [];
  return Object.values(ports).includes('peers') && canTellOwners() ? ['link', 'link-trouble'] : [];
}

/** Why they cannot suffer what they cannot. */
export const CANNOT: Readonly<Partial<Record<Capability, string>>> = {
  link: 'it takes Linux, and a system whose nodes can be told the addresses of proxies',
  'link-trouble': 'it takes Linux, and a system whose nodes can be told the addresses of proxies',
  duplicate: 'a TCP connection delivers nothing twice; reconnect and slow-link can be had',
  'power-loss': 'it takes root and loop mounts, or raft, which keeps journals for it',
  'slow-disk': 'it takes strace, and the right to attach it',
  'fsync-error': 'it takes strace, and the right to attach it',
  disk: 'only raft lets its disk be disturbed; slow-disk and fsync-error can be had where strace is',
  clock: 'only raft lets its clock be set',
  members: 'the members of other systems stay as they are',
};

/** Starts the cluster and waits until it really serves. If that fails nothing is left behind. */
export async function startForeignCluster(options: ForeignClusterOptions): Promise<ForeignCluster> {
  const { system, plan, program } = options;
  const links = touchesLinks(plan) ? (system.links ?? 'proxies') : 'whole';
  const place = await makePlace(options, system, { program, links });
  const cluster = new ForeignProcesses(options, place, startGuard());
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Who is root on hosts of their own is not root enough to mount anything: throws a usage error where the plan has both. */
export function refuseTogether({ name, links }: ProcessSystem, plan: Plan): void {
  if (links !== 'hosts' || !touchesLinks(plan) || !plan.steps.some(({ kind }) => kind === 'power-loss')) return;
  throw new StalemateError(
    'usage',
    `--faults power-loss: ${name} cannot have it together with partition`,
    'one run for each',
  );
}

/** A proxy takes its toll, so there is none where no link is to suffer. */
function touchesLinks({ steps }: Plan): boolean {
  return steps.some(({ kind }) => kind === 'partition' || kind === 'slow-link' || kind === 'reconnect');
}

class ForeignProcesses implements ForeignCluster {
  readonly can: Cluster['can'];
  readonly place: Place;
  readyMs = 0;
  readonly #options: ForeignClusterOptions;
  readonly #releasePorts: () => void;
  readonly #guard: Guard;
  readonly #nodes: ReadonlyMap<NodeId, ForeignNode>;
  readonly #proxies: LinkProxies;
  /** Of nodes that no proxy could stand between. */
  readonly #hosts: Hosts | null;
  /** Where power is to be lost. */
  readonly #disks: LossyDisks | null;
  readonly #looks: Looks;
  readonly #crashes: Crash[] = [];
  readonly #clients = new Set<Client>();
  #stopped: Promise<void> | undefined;

  constructor(
    options: ForeignClusterOptions,
    { place, guarded, hasHosts, clientPortsOf, release }: ForeignPlace,
    guard: Guard,
  ) {
    const { system, folder } = options;
    this.#options = options;
    this.#releasePorts = release;
    this.#guard = guard;
    this.can = capabilitiesOf(system);
    this.place = place;
    const folderOf = (id: NodeId): string => join(folder, 'nodes', id);
    this.#hosts = hasHosts ? new Hosts({ nodes: place.nodes, folderOf, clientPortsOf, guard }) : null;
    const losesPower = options.plan.steps.some(({ kind }) => kind === 'power-loss');
    this.#disks = losesPower ? new LossyDisks({ folderOf, guard }) : null;
    this.#nodes = new Map(place.nodes.map((id) => [id, this.#makeNode(id)]));
    this.#proxies = new LinkProxies({
      guarded,
      pids: (how) => [...this.#nodes].map(([id, node]) => [id, node.allPids(how)]),
    });
    this.#looks = new Looks({
      nodes: place.nodes,
      folder: join(folder, 'nodes'),
      now: () => this.now(),
      isUp: (id) => this.#node(id).state === 'running',
      look: (id, timeoutMs) => system.look(id, place, timeoutMs),
    });
  }

  async start(): Promise<void> {
    const beganMs = performance.now();
    const { system, signal } = this.#options;
    const { place } = this;
    await this.#proxies.start();
    await this.#hosts?.start();
    for (const id of place.nodes) await system.prepare?.(id, place);
    for (const id of place.nodes) await this.#disks?.start(id);
    for (const node of this.#nodes.values()) node.start();
    await untilServes({
      ...(signal && { signal }),
      system,
      place,
      crashes: this.#crashes,
      connect: (options) => this.connect(options),
    });
    this.readyMs = performance.now() - beganMs;
    this.#looks.start();
  }

  nodes(): readonly NodeId[] {
    return this.place.nodes;
  }

  now(): Nanos {
    return Number(process.hrtime.bigint() - this.#options.epochNs);
  }

  async sleep(ms: number): Promise<void> {
    await sleepMs(ms);
  }

  /** Rejects with a StalemateError where the harm cannot be done: the node is already down, or stopped. */
  async apply(action: FaultAction): Promise<Injury> {
    if (action.kind === 'kill') return this.#kill(this.#node(action.node));
    if (action.kind === 'pause') return this.#pause(this.#node(action.node));
    if (action.kind === 'slowDisk') return slowSyncs(this.#node(action.node), action.syncDelayMs, this.#trace(action));
    if (action.kind === 'failSync') return failSyncs(this.#node(action.node), this.#trace(action));
    if (action.kind === 'powerLoss' && this.#disks !== null)
      return this.#disks.losePower(action.nodes.map((id) => this.#node(id)));
    if (action.kind === 'link') return (this.#hosts ?? this.#proxies).cut(action.cuts);
    if (action.kind === 'disturb') return this.#proxies.disturb(action.links, action.trouble);
    const { name } = this.#options.system;
    throw new StalemateError('failed', `${name} cannot be made to suffer ${action.kind}`);
  }

  watch(listener: (probe: Probe) => void): Stop {
    return this.#looks.watch(listener);
  }

  connect(options: ClientOptions): Client {
    const { system, connect } = this.#options;
    const client = withTerms(connect(system, this.place, options), (node) => this.#looks.termOf(node));
    this.#clients.add(client);
    return client;
  }

  pids(): ReturnType<ForeignCluster['pids']> {
    const nodes = [...this.#nodes.values()].map((node) => [node.id, node.pids] as const);
    return { nodes: Object.fromEntries(nodes.filter(([, pids]) => pids.length > 0)), guard: this.#guard.pid };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    await Promise.all([...this.#nodes.values()].map((node) => node.kill()));
    await this.#looks.stop();
    await this.#proxies.stop();
    await this.#hosts?.stop();
    await this.#disks?.stop();
    await this.#guard.stop();
    this.#releasePorts();
  }

  #makeNode(id: NodeId): ForeignNode {
    const { folder, system, onCrash } = this.#options;
    return new ForeignNode({
      id,
      folder: join(folder, 'nodes', id),
      launches: () => system.processes(id, this.place).map((launch) => this.#placed(id, launch)),
      guard: this.#guard,
      onCrash: (crash) => {
        this.#crashes.push(crash);
        onCrash(crash);
      },
    });
  }

  /** On its host, or on its disk; both at once are refused before. */
  #placed(id: NodeId, launch: Launch): Launch {
    return this.#hosts?.launchOn(id, launch) ?? this.#disks?.launchOn(id, launch) ?? launch;
  }

  #node(id: NodeId): ForeignNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new StalemateError('failed', `there is no node ${id}`);
    return node;
  }

  #trace({ node }: { readonly node: NodeId }): TraceWorld {
    return { guard: this.#guard, folder: join(this.#options.folder, 'nodes', node) };
  }

  async #kill(node: ForeignNode): Promise<Injury> {
    if (node.state === 'down') throw new StalemateError('failed', `${node.id} is already down`);
    const { pids } = node;
    await node.kill();
    return injury([node.id], `${processes(pids)} gone`, async () => {
      const effective = node.isGone();
      node.start();
      return { effective, evidence: `was down until now; runs again as ${processes(node.pids)}` };
    });
  }

  async #pause(node: ForeignNode): Promise<Injury> {
    if (node.state !== 'running') throw new StalemateError('failed', `${node.id} is already ${node.state}`);
    await node.pause();
    return injury([node.id], `state T (${processes(node.pids)})`, async () => {
      const effective = await node.resume();
      return { effective, evidence: effective ? 'state T until now' : 'was not in state T any more' };
    });
  }
}

/** Answers that do not say in which term they were given get the one that their node named last: a stale leader is known by that. */
function withTerms(client: Client, termOf: (node: NodeId) => number | undefined): Client {
  return {
    get target() {
      return client.target!;
    },
    invoke: async (call, timeoutMs) => {
      const completion = await client.invoke(call, timeoutMs);
      if (completion.kind !== 'ok' || completion.from === undefined) return completion;
      const term = completion.from.term ?? termOf(completion.from.node);
      return term === undefined ? completion : { ...completion, from: { ...completion.from, term } };
    },
    close: () => client.close(),
  };
}

function processes(pids: readonly number[]): string {
  return `process${pids.length === 1 ? '' : 'es'} ${pids.join(' and ')}`;
}
