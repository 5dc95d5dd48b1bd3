/**
 * A client of the bundled node over TCP: the client state machine on real sockets and the machine's clock. One connection to
 * each node that it talks to, its own, opened when needed and kept: a witness asks again on the connection that it has.
 */
import { StalemateError } from '../../base/errors.ts';
import { NS_PER_MS, msToNs } from '../../base/time.ts';
import type { Client, ClientOptions, Completion } from '../../contract/cluster.ts';
import { ClientMachine, type ClientMachineOptions } from '../../kv/client.ts';
import { vocabularyOf, type KvCall } from '../../kv/vocabulary.ts';
import { dial, type FrameSocket } from '../../sockets/frame-socket.ts';

/** Where the cluster is. */
export interface RaftPlace {
  readonly clusterId: string;
  /** host:port by node. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Who may be asked. Both may change while clients work, as the members do. */
  readonly nodes: readonly string[];
}

/** The read modes that a client of the bundled node can ask for. */
const RAFT_READ_MODES: readonly ClientMachineOptions['reads'][] = ['read-index', 'lease', 'log', 'leader', 'local'];

/** Makes a client. Nothing is connected before the first call. */
export function connectRaft(place: RaftPlace, options: ClientOptions, rules: ClientMachineOptions['rules']): Client {
  return new RaftClient(place, options, rules);
}

class RaftClient implements Client {
  readonly #place: RaftPlace;
  readonly #machine: ClientMachine;
  readonly #connections = new Map<string, FrameSocket>();
  #timer: NodeJS.Timeout | undefined;

  constructor(place: RaftPlace, options: ClientOptions, rules: ClientMachineOptions['rules']) {
    this.#place = place;
    const { name, entry, pinned, seed } = options;
    const reads = RAFT_READ_MODES.find((mode) => mode === options.reads);
    if (reads === undefined) {
      throw new StalemateError('usage', `--reads ${options.reads}: raft knows ${RAFT_READ_MODES.join(', ')}`);
    }
    const vocabulary = vocabularyOf(options.vocabulary ?? 'register');
    if (vocabulary === undefined) {
      throw new StalemateError('usage', `raft has no operations of the model ${options.vocabulary}`);
    }
    const { nodes } = place;
    const attemptTimeoutNs = msToNs(options.attemptTimeoutMs);
    this.#machine = new ClientMachine(
      { name, entry, nodes, pinned, reads, vocabulary, attemptTimeoutNs, seed, rules },
      { send: (node, payload) => this.#connection(node).send(payload) },
      { nowNs, wakeAt: (atNs) => this.#wakeAt(atNs) },
    );
  }

  /** Where the next request goes first. */
  get target(): string {
    return this.#machine.target;
  }

  invoke(call: KvCall, timeoutMs: number): Promise<Completion> {
    return new Promise((resolve) => {
      this.#machine.invoke(call, msToNs(timeoutMs), resolve);
    });
  }

  async close(): Promise<void> {
    this.#machine.close();
    clearTimeout(this.#timer);
    for (const connection of this.#connections.values()) connection.end();
    this.#connections.clear();
  }

  /** The request may follow the hello at once: whoever refuses the one never reads the other. */
  #connection(node: string): FrameSocket {
    const open = this.#connections.get(node);
    if (open !== undefined) return open;
    const hello = { role: 'client', clusterId: this.#place.clusterId, to: node } as const;
    const connection = dial(this.#place.addresses[node]!, hello, {
      onAccepted: () => {},
      onPayload: (payload) => this.#machine.onResponse(node, payload),
      onClose: () => {
        if (this.#connections.get(node) !== connection) return;
        this.#connections.delete(node);
        this.#machine.onDisconnect(node);
      },
    });
    this.#connections.set(node, connection);
    return connection;
  }

  #wakeAt(atNs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#machine.onWake(), Math.max(0, Math.ceil((atNs - nowNs()) / NS_PER_MS)));
  }
}

/** The machine's monotonic clock; only differences matter here. */
function nowNs(): number {
  return Math.round(performance.now() * NS_PER_MS);
}
