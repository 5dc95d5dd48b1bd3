/**
 * Replicas wired together in memory: real codecs, the simulator's disks and clock, and links that deliver after a fixed time
 * unless they are cut. A test drives it by hand, one event at a time.
 */
import { keyed } from '../../src/base/random.ts';
import { msToNs } from '../../src/base/time.ts';
import type { ProbeBody } from '../../src/contract/probe.ts';
import { ALL_RULES, type Rules } from '../../src/raft/rules.ts';
import { Replica, type ReplicaOptions } from '../../src/replica/index.ts';
import { SimDisk } from '../../src/sim/sim-disk.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';
import { decodeResponse, encodeRequest } from '../../src/wire/client-codec.ts';
import type { Operation, Request, Response } from '../../src/wire/client-protocol.ts';
import { decodeMessage } from '../../src/wire/raft-messages.ts';
import type { Message } from '../../src/raft/types.ts';

const LINK_NS = msToNs(0.1);

export interface ClusterOptions {
  readonly rules?: Rules;
  readonly syncMs?: number;
  readonly nodes?: number;
  readonly snapshots?: NonNullable<ReplicaOptions['snapshots']>;
  readonly segmentBytes?: number;
}

export interface Node {
  readonly id: string;
  readonly disk: SimDisk;
  /** Of every life, oldest first. */
  readonly probes: ProbeBody[];
  /** Responses by connection. */
  readonly responses: Response[];
  /** Messages handed to the network, whether they arrived or not. */
  readonly sent: { readonly to: string; readonly message: Message }[];
  /** What the clock was asked for. */
  readonly wakeAts: number[];
  replica: Replica | null;
  life: number;
}

export class Cluster {
  readonly clock: VirtualClock = new VirtualClock();
  readonly nodes: readonly Node[];
  /** `n1>n2`: what is sent there is lost. */
  readonly cuts: Set<string> = new Set();
  syncMs: number;
  readonly #rules: Rules;
  readonly #storage: Pick<ReplicaOptions, 'snapshots' | 'segmentBytes'>;
  #attempts = 0;

  constructor({ rules = ALL_RULES, syncMs = 0.2, nodes = 3, ...storage }: ClusterOptions = {}) {
    this.#rules = rules;
    this.#storage = storage;
    this.syncMs = syncMs;
    this.nodes = Array.from({ length: nodes }, (_, i) => this.#newNode(`n${i + 1}`));
  }

  static started(options: ClusterOptions = {}): Cluster {
    const cluster = new Cluster(options);
    for (const node of cluster.nodes) cluster.start(node, { init: true });
    return cluster;
  }

  node(id: string): Node {
    return this.nodes.find((node) => node.id === id)!;
  }

  start(node: Node, options: Partial<ReplicaOptions> = {}): void {
    const life = ++node.life;
    const alive = (replica: Replica): boolean => node.life === life && node.replica === replica;
    let wakes = 0;
    const replica: Replica = new Replica(
      { ...this.#options(node.id), ...options },
      {
        disk: node.disk,
        network: {
          setPeers: () => {},
          sendToPeer: (to, payload) => this.#deliver(node.id, to, payload.slice()),
          sendToClient: (_, payload) => node.responses.push(decodeResponse(payload)),
        },
        clock: {
          nowNs: () => this.clock.nowNs(),
          soon: (work) =>
            this.clock.after(0, () => {
              if (alive(replica)) work();
            }),
          wakeAt: (atNs) => {
            const wake = ++wakes;
            node.wakeAts.push(atNs);
            this.clock.at(Math.max(atNs, this.clock.nowNs()), () => {
              if (wake === wakes && alive(replica)) replica.onWake();
            });
          },
        },
        observer: { probe: (body) => node.probes.push(body) },
      },
    );
    node.replica = replica;
    replica.start();
  }

  /** `kill -9`: what was written stays, what was held in memory is gone. */
  kill(node: Node): void {
    node.replica = null;
    node.life++;
    node.disk.crash();
  }

  losePower(node: Node, seed: string): void {
    this.kill(node);
    node.disk.losePower(keyed(seed, node.id));
  }

  /** Nothing passes between this node and the others. */
  isolate({ id }: Node): void {
    for (const other of this.nodes) this.cuts.add(`${id}>${other.id}`).add(`${other.id}>${id}`);
  }

  /** Runs until `condition` holds, for at most `ms`; answers whether it did. */
  until(condition: () => boolean, ms = 5000): boolean {
    const endNs = this.clock.nowNs() + msToNs(ms);
    while (!condition()) if (!this.clock.step(endNs)) return condition();
    return true;
  }

  run(ms: number): void {
    this.until(() => false, ms);
  }

  /** The node that leads the highest term. */
  leader(among: readonly Node[] = this.nodes): Node {
    const leads = (node: Node): number => (node.replica?.status().role === 'leader' ? node.replica.status().term : 0);
    const find = (): Node | undefined =>
      among.filter((node) => leads(node) > 0).toSorted((a, b) => leads(b) - leads(a))[0];
    if (!this.until(() => find() !== undefined)) throw new Error('nobody leads');
    return find()!;
  }

  /** Hands a request to the node, without waiting; answers its attempt number. */
  ask(node: Node, request: Ask, connection = 1): number {
    const attempt = ++this.#attempts;
    node.replica!.onClientRequest(connection, encodeRequest({ ...request, attempt } as Request));
    return attempt;
  }

  answerTo(node: Node, attempt: number): Response | undefined {
    return node.responses.find((response) => response.attempt === attempt);
  }

  /** Asks and runs until the answer is there. */
  request(node: Node, request: Ask, ms = 5000): Response {
    const attempt = this.ask(node, request);
    this.until(() => this.answerTo(node, attempt) !== undefined, ms);
    const response = this.answerTo(node, attempt);
    if (response === undefined) throw new Error(`${node.id} did not answer ${JSON.stringify(request)}`);
    return response;
  }

  openSession(node: Node): number {
    const opened = this.request(node, { kind: 'openSession' });
    if (opened.kind !== 'sessionOpened') throw new Error(`no session: ${JSON.stringify(opened)}`);
    return opened.session;
  }

  /** A write in a session of its own. */
  write(node: Node, key: string, value: number): Response {
    const operation: Operation = { f: 'write', key, value };
    return this.request(node, { kind: 'command', session: this.openSession(node), sequence: 1, operation });
  }

  #newNode(id: string): Node {
    const node: Node = {
      id,
      disk: new SimDisk({
        clock: this.clock,
        syncNs: () => msToNs(this.syncMs),
        onDurable: (token) => node.replica?.onDurable(token),
      }),
      probes: [],
      responses: [],
      sent: [],
      wakeAts: [],
      replica: null,
      life: 0,
    };
    return node;
  }

  #options(id: string): ReplicaOptions {
    return {
      clusterId: 'test',
      id,
      members: Object.fromEntries(this.nodes.map((node, i) => [node.id, `127.0.0.1:${7000 + i}`])),
      init: false,
      core: {
        id,
        electionTimeoutMinNs: msToNs(150),
        electionTimeoutMaxNs: msToNs(300),
        heartbeatNs: msToNs(30),
        preVote: true,
        checkQuorum: true,
        maxEntriesPerMessage: 100,
        maxInFlight: 8,
      },
      rules: this.#rules,
      ...this.#storage,
      seed: 'test',
    };
  }

  #deliver(from: string, to: string, payload: Uint8Array): void {
    this.node(from).sent.push({ to, message: decodeMessage(payload) });
    if (this.cuts.has(`${from}>${to}`)) return;
    this.clock.after(LINK_NS, () => {
      if (!this.cuts.has(`${from}>${to}`)) this.node(to).replica?.onPeerMessage(from, payload);
    });
  }
}

/** A request without its attempt number. */
export type Ask = Request extends infer R ? (R extends Request ? Omit<R, 'attempt'> : never) : never;
