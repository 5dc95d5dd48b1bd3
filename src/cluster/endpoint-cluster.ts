/**
 * A cluster that runs already, wherever it does: its nodes are known by where clients find them, and hurt by commands of whoever runs it.
 * Nothing is started here and nothing ended. Every run has keys of its own, since nobody knows what the cluster holds.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { StalemateError } from '../base/errors.ts';
import type { Nanos } from '../base/time.ts';
import type { Client, ClientOptions, Cluster, Stop } from '../contract/cluster.ts';
import type { Cut, FaultAction, Injury } from '../contract/fault.ts';
import type { Capability, NodeId } from '../contract/names.ts';
import type { Plan } from '../contract/plan.ts';
import type { Probe } from '../contract/probe.ts';
import type { Endpoint, Place, ProcessSystem, Refusal, RunningCluster, StartOptions } from '../contract/system.ts';
import { injury } from '../faults/index.ts';
import {
  runFaultCommand,
  runOrUndo,
  type CommandedKind,
  type FaultCommand,
  type Placeholders,
} from './fault-commands.ts';
import { Looks } from './looks.ts';
import { untilServes } from './readiness.ts';

export interface EndpointClusterOptions extends StartOptions {
  readonly system: ProcessSystem;
  readonly endpoints: readonly Endpoint[];
  readonly commands: readonly FaultCommand[];
  /** Makes a client that speaks to the nodes of that place. */
  readonly connect: (system: ProcessSystem, place: Place, options: ClientOptions) => Client;
}

const CAPABILITY: Readonly<Record<Exclude<CommandedKind, 'slow'>, readonly Capability[]>> = {
  pause: ['pause'],
  kill: ['kill'],
  cut: ['link', 'link-trouble'],
};
const PROBE_MS = 500;

/** What a cluster can be made to suffer by these commands. */
export function capabilitiesBy(commands: readonly FaultCommand[]): ReadonlySet<Capability> {
  return new Set(commands.flatMap(({ kind }) => (kind === 'slow' ? [] : CAPABILITY[kind])));
}

/** Waits until it serves. */
export async function joinCluster(options: EndpointClusterOptions): Promise<RunningCluster> {
  const cluster = new EndpointCluster(options);
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Links can be cut without there being a command that slows them down, or resets them: throws a usage error where the plan needs one. */
export function refuseUncommanded(plan: Plan, commands: readonly FaultCommand[]): void {
  const has = (kind: CommandedKind): boolean => commands.some((command) => command.kind === kind);
  const lacking = plan.steps.find(({ kind }) => kind === 'reconnect' || (kind === 'slow-link' && !has('slow')));
  if (lacking === undefined) return;
  const hint = lacking.kind === 'reconnect' ? 'leave it out' : "--fault-cmd slow='… {from} {to} {ms}' heal='…'";
  throw new StalemateError('usage', `--faults ${lacking.kind}: there is no command for it`, hint);
}

class EndpointCluster implements RunningCluster {
  readonly can: Cluster['can'];
  readyMs = 0;
  readonly #options: EndpointClusterOptions;
  readonly #place: Place;
  readonly #looks: Looks;
  readonly #clients = new Set<Client>();
  /** How many faults hold a link, by kind and ends. */
  readonly #held = new Map<string, number>();
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(options: EndpointClusterOptions) {
    this.#options = options;
    this.can = capabilitiesBy(options.commands);
    this.#place = placeOf(options);
    this.#looks = new Looks({
      nodes: this.#place.nodes,
      folder: join(options.folder, 'nodes'),
      now: () => this.now(),
      isUp: () => true,
      look: (node, timeoutMs) => options.system.look(node, this.#place, timeoutMs),
    });
  }

  async start(): Promise<void> {
    const beganMs = performance.now();
    const { system } = this.#options;
    const { signal } = this.#options;
    await untilServes({
      ...(signal && { signal }),
      system,
      place: this.#place,
      crashes: [],
      connect: (options) => this.connect(options),
    });
    this.readyMs = performance.now() - beganMs;
    this.#looks.start();
  }

  nodes(): readonly NodeId[] {
    return this.#place.nodes;
  }

  now(): Nanos {
    return Number(process.hrtime.bigint() - this.#options.epochNs);
  }

  async sleep(ms: number): Promise<void> {
    await sleepMs(ms);
  }

  watch(listener: (probe: Probe) => void): Stop {
    return this.#looks.watch(listener);
  }

  connect(options: ClientOptions): Client {
    const { system, connect, clusterId } = this.#options;
    const client = withKeysOf(clusterId, connect(system, this.#place, options));
    this.#clients.add(client);
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    await this.#looks.stop();
  }

  /** Rejects with a StalemateError where there is no command for it, or the command fails. */
  async apply(action: FaultAction): Promise<Injury> {
    if (action.kind === 'pause' || action.kind === 'kill') return this.#hitNode(action.kind, action.node);
    if (action.kind === 'link') return this.#hitLinks('cut', action.cuts, {});
    if (action.kind === 'disturb' && action.trouble.kind === 'delay')
      return this.#hitLinks('slow', action.links, { ms: String(action.trouble.delayMs) });
    throw new StalemateError('failed', `there is no command for ${action.kind}`);
  }

  async #hitNode(kind: 'pause' | 'kill', node: NodeId): Promise<Injury> {
    const { harm, heal } = this.#command(kind);
    const { host, port } = this.#endpoint(node);
    const placeholders = { node, host, port: String(port) };
    const log = this.#logOf(node);
    const done = await runOrUndo({ harm, heal }, placeholders, log);
    return injury([node], `${done} ended with 0`, async () => {
      const { effective, evidence } = await this.#isSilent(node);
      await runFaultCommand(heal, placeholders, log);
      return { effective, evidence };
    });
  }

  /** One command after the other; where one fails, those that were done are undone. Nobody can see here whether they hurt. */
  async #hitLinks(kind: 'cut' | 'slow', links: readonly Cut[], more: Placeholders): Promise<Injury> {
    const done: Cut[] = [];
    // A cure that fails is no reason to leave the other links as they are.
    const undo = async (): Promise<void> => {
      const failures: unknown[] = [];
      for (const link of done.splice(0).toReversed())
        await this.#release(kind, link, more).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    };
    await this.#inTurn(async () => {
      try {
        for (const link of links) {
          await this.#hold(kind, link, more);
          done.push(link);
        }
      } catch (error) {
        await undo();
        throw error;
      }
    });
    const nodes = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
    const evidence = `the commands for ${links.length} links ended with 0`;
    return injury(nodes, evidence, async () => {
      await this.#inTurn(undo);
      return { effective: true, evidence: `${evidence}; whether they hurt is not seen from here` };
    });
  }

  /** Several faults may want the same of a link: the command is run for the first of them, its cure for the last. */
  async #hold(kind: 'cut' | 'slow', link: Cut, more: Placeholders): Promise<void> {
    const key = `${kind} ${link.from} ${link.to}`;
    const held = this.#held.get(key) ?? 0;
    if (held === 0) await runOrUndo(this.#command(kind), { ...link, ...more }, this.#logOf(link.to));
    this.#held.set(key, held + 1);
  }

  async #release(kind: 'cut' | 'slow', link: Cut, more: Placeholders): Promise<void> {
    const key = `${kind} ${link.from} ${link.to}`;
    const held = this.#held.get(key)!;
    if (held === 1) await runFaultCommand(this.#command(kind).heal, { ...link, ...more }, this.#logOf(link.to));
    this.#held.set(key, held - 1);
  }

  /** What is done to links is done by one fault at a time. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  /** Whether the node gives no answer to a read: what a node says that is stopped, or gone. */
  async #isSilent(node: NodeId): Promise<{ readonly effective: boolean; readonly evidence: string }> {
    const { system, plan } = this.#options;
    const { nodeLocal, strongest } = system.reads;
    const session = system.session(node, this.#place, {
      name: `look-${node}`,
      entry: node,
      pinned: true,
      reads: nodeLocal[0] ?? strongest,
      vocabulary: 'register',
      attemptTimeoutMs: PROBE_MS,
      seed: plan.seed,
    });
    const late = sleepMs(2 * PROBE_MS, { kind: 'unknown', error: 'timeout' } as const);
    const read = { f: 'read', key: `${this.#options.clusterId}/x`, value: null };
    const said = await Promise.race([session.ask(read, PROBE_MS), late]).catch((error: unknown) => {
      return { kind: 'unknown', error: String(error) } as const;
    });
    void session.close().catch(() => {});
    const hasAnswered = said.kind === 'ok' || said.kind === 'fail' || (said.kind === 'refused' && !isUnreached(said));
    return hasAnswered
      ? { effective: false, evidence: `${node} answered all the same` }
      : { effective: true, evidence: `${node} gave no answer until the end (${said.error})` };
  }

  #command(kind: CommandedKind): FaultCommand {
    const command = this.#options.commands.find((it) => it.kind === kind);
    if (command === undefined) throw new StalemateError('failed', `there is no command for ${kind}`);
    return command;
  }

  #endpoint(node: NodeId): Endpoint {
    return this.#options.endpoints[this.#place.nodes.indexOf(node)]!;
  }

  #logOf(node: NodeId): string {
    return join(this.#options.folder, 'nodes', node, 'faults.log');
  }
}

/** Whether nobody was there to refuse: errors of connections, as Node and our adapters name them. */
function isUnreached({ error, leader }: Refusal): boolean {
  return leader === undefined && /\bE[A-Z]{4,}\b|timeout|timed out|closed|hang up|fetch failed/i.test(error);
}

/** Asks for keys that no other run has. */
function withKeysOf(run: string, client: Client): Client {
  return {
    get target() {
      return client.target!;
    },
    invoke: (call, timeoutMs) => client.invoke({ ...call, key: `${run}/${call.key ?? ''}` }, timeoutMs),
    close: () => client.close(),
  };
}

function placeOf({ clusterId, plan, folder, endpoints, system }: EndpointClusterOptions): Place {
  const nodes = endpoints.map((_endpoint, i) => `n${i + 1}`);
  const data = (node: NodeId): string => join(folder, 'nodes', node, 'data');
  for (const node of nodes) mkdirSync(data(node), { recursive: true });
  const port = Object.entries(system.ports).find(([, use]) => use === 'clients')?.[0];
  const listen = (node: NodeId, name: string): Endpoint => {
    if (name === port) return endpoints[nodes.indexOf(node)]!;
    throw new StalemateError(
      'failed',
      `where ${node} has its port ${name} is not known`,
      '--endpoints are for clients',
    );
  };
  const program = (name: string): string => {
    throw new StalemateError('failed', `${name} is not looked for: the cluster runs already`);
  };
  return { clusterId, nodes, seed: plan.seed, program, listen, reach: listen, data };
}
