/**
 * The connections of one simulated life to its peers: kept open to the members of the configuration in force, and to those that call,
 * as long as they do, so that they can be answered.
 */
import { NS_PER_MS, type Nanos } from '../base/time.ts';
import { encodeHello } from '../wire/hello.ts';
import { dial } from './connection.ts';
import type { Outbound } from './ends.ts';
import type { LinkOptions, SimNetwork } from './sim-network.ts';

/** How long a host waits before it calls a lost peer again. */
const REDIAL_NS: Nanos = 20 * NS_PER_MS;

export interface SimPeersOptions {
  readonly network: SimNetwork;
  readonly clusterId: string;
  readonly id: string;
  /** Where this node is answered. */
  readonly address: string;
  readonly link: LinkOptions;
  /** Does it at once, later while the host is paused, and not at all after its end. */
  readonly act: (work: () => void) => void;
}

export class SimPeers {
  readonly #options: SimPeersOptions;
  /** Where the members live. */
  #addresses: Readonly<Record<string, string>> = {};
  /** Peers whose connections are open here: the last one of each, and where it can be answered. */
  readonly #callers = new Map<string, { readonly address: string; readonly connection: number }>();
  /** Connections that are open or being opened, with where they lead, and of these the open ones. */
  readonly #dialled = new Map<string, { readonly connection: Outbound; readonly address: string }>();
  readonly #open = new Map<string, Outbound>();

  constructor(options: SimPeersOptions) {
    this.#options = options;
  }

  /** host:port of the members. */
  get addresses(): Readonly<Record<string, string>> {
    return this.#addresses;
  }

  setAddresses(addresses: Readonly<Record<string, string>>): void {
    this.#addresses = addresses;
    for (const [peer, { address }] of this.#dialled) if (this.#addressOf(peer) !== address) this.#hangUp(peer);
    for (const peer of Object.keys(addresses)) this.#dial(peer);
  }

  send(to: string, payload: Uint8Array): void {
    this.#open.get(to)?.send(payload);
  }

  /** The peer has opened that connection, and lives there. */
  onCall(peer: string, from: { readonly address: string; readonly connection: number }): void {
    this.#callers.set(peer, from);
    this.#dial(peer);
  }

  /** The connection that the peer opened last, if it is open. */
  callOf(peer: string): number | undefined {
    return this.#callers.get(peer)?.connection;
  }

  onCallEnded(peer: string, connection: number): void {
    if (this.#callers.get(peer)?.connection === connection) this.#callers.delete(peer);
  }

  close(): void {
    for (const { connection } of this.#dialled.values()) connection.close();
  }

  #addressOf(peer: string): string | undefined {
    return this.#addresses[peer] ?? this.#callers.get(peer)?.address;
  }

  #hangUp(peer: string): void {
    this.#dialled.get(peer)?.connection.close();
    this.#dialled.delete(peer);
    this.#open.delete(peer);
  }

  /** Calls a peer unless that is done already; a lost connection is opened again. */
  #dial(peer: string): void {
    const { network, clusterId, id, address: ownAddress, link, act } = this.#options;
    const address = this.#addressOf(peer);
    if (address === undefined || this.#dialled.has(peer)) return;
    const ifStillWanted = (work: () => void): void =>
      act(() => {
        if (this.#dialled.get(peer)?.connection === connection) work();
      });
    const connection = dial({
      network,
      from: id,
      to: peer,
      address,
      hello: encodeHello({ role: 'peer', clusterId, from: id, to: peer, address: ownAddress }),
      link,
      end: {
        onOpen: () => ifStillWanted(() => this.#open.set(peer, connection)),
        // A peer answers on the connection that it opened itself, never on this one.
        onPayload: () => {},
        onClosed: () =>
          ifStillWanted(() => {
            this.#hangUp(peer);
            network.clock.after(REDIAL_NS, () => act(() => this.#dial(peer)));
          }),
      },
    });
    this.#dialled.set(peer, { connection, address });
  }
}
