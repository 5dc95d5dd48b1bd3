/** A simulated client: the client's state machine over the simulated network. It outlives every node. */
import type { Call } from '../../checker/index.ts';
import { msToNs, type Nanos } from '../base/time.ts';
import type { ClientOptions, Completion } from '../contract/cluster.ts';
import { ClientMachine, type ClientMachineOptions } from '../kv/client.ts';
import { vocabularyOf } from '../kv/vocabulary.ts';
import { WireError } from '../wire/bytes.ts';
import { encodeHello } from '../wire/hello.ts';
import { dial } from './connection.ts';
import type { Outbound } from './ends.ts';
import type { LinkOptions, SimNetwork } from './sim-network.ts';

export interface SimClientOptions extends ClientOptions {
  readonly network: SimNetwork;
  readonly clusterId: string;
  /** host:port of every node, and those that are asked; both may change as the cluster does. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly nodes: readonly string[];
  readonly link: LinkOptions;
  readonly rules: ClientMachineOptions['rules'];
}

/** A connection to one node, and what waits until it is of use. */
interface Line {
  readonly connection: Outbound;
  /** Null once the connection is open. */
  unsent: Uint8Array[] | null;
}

export class SimClient {
  readonly #options: SimClientOptions;
  readonly #machine: ClientMachine;
  readonly #lines = new Map<string, Line>();
  #wakeAtNs: Nanos = Infinity;
  /** The alarm that is set in the clock: most are put off, and it may ring too early. */
  #alarmAtNs: Nanos = Infinity;

  constructor(options: SimClientOptions) {
    this.#options = options;
    const { clock } = options.network;
    this.#machine = new ClientMachine(
      {
        name: options.name,
        entry: options.entry,
        nodes: options.nodes,
        pinned: options.pinned,
        vocabulary: vocabularyOf(options.vocabulary ?? 'register'),
        reads: options.reads as ClientMachineOptions['reads'],
        attemptTimeoutNs: msToNs(options.attemptTimeoutMs),
        seed: options.seed,
        rules: options.rules,
      },
      { send: (node, payload) => this.#send(node, payload) },
      { nowNs: () => clock.nowNs(), wakeAt: (atNs) => this.#wakeAt(atNs) },
    );
  }

  /** Where the next request goes first. */
  get target(): string {
    return this.#machine.target;
  }

  /** One operation at a time. `done` is called once, within the timeout and a little. */
  invoke(call: Call, timeoutMs: number, done: (completion: Completion) => void): void {
    this.#machine.invoke(call, msToNs(timeoutMs), done);
  }

  /** Ends an open operation as unknown, and hangs up. */
  close(): void {
    this.#machine.close();
    for (const { connection } of this.#lines.values()) connection.close();
    this.#lines.clear();
  }

  #send(node: string, payload: Uint8Array): void {
    const line = this.#lines.get(node) ?? this.#call(node);
    if (line.unsent === null) line.connection.send(payload);
    else line.unsent.push(payload.slice());
  }

  #call(node: string): Line {
    const { network, name, addresses, clusterId, link } = this.#options;
    const line: Line = {
      unsent: [],
      connection: dial({
        network,
        from: name,
        to: node,
        address: addresses[node]!,
        hello: encodeHello({ role: 'client', clusterId, to: node }),
        link,
        end: {
          onOpen: () => {
            const unsent = line.unsent ?? [];
            line.unsent = null;
            for (const payload of unsent) line.connection.send(payload);
          },
          onPayload: (payload) => this.#onPayload(node, payload),
          onClosed: () => this.#onLost(node),
        },
      }),
    };
    this.#lines.set(node, line);
    return line;
  }

  #onPayload(node: string, payload: Uint8Array): void {
    try {
      this.#machine.onResponse(node, payload);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#lines.get(node)?.connection.close();
      this.#onLost(node);
    }
  }

  #onLost(node: string): void {
    this.#lines.delete(node);
    this.#machine.onDisconnect(node);
  }

  #wakeAt(atNs: Nanos): void {
    this.#wakeAtNs = atNs;
    if (atNs < this.#alarmAtNs) this.#setAlarm();
  }

  #setAlarm(): void {
    const { clock } = this.#options.network;
    const atNs = Math.max(this.#wakeAtNs, clock.nowNs());
    this.#alarmAtNs = atNs;
    clock.at(atNs, () => {
      if (this.#alarmAtNs !== atNs) return;
      this.#alarmAtNs = Infinity;
      if (atNs < this.#wakeAtNs) this.#setAlarm();
      else {
        this.#wakeAtNs = Infinity;
        this.#machine.onWake();
      }
    });
  }
}
