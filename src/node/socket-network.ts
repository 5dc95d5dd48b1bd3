/** The Network port on TCP: a link to every peer, and the connections of clients, by number. */
import type { Network } from '../replica/ports.ts';
import type { AtTurnEnd, FrameSocket } from '../sockets/frame-socket.ts';
import type { Disturbance, LinkCounters } from '../wire/control-protocol.ts';
import { PeerLink, UNDISTURBED } from './peer-link.ts';

export interface SocketNetworkOptions {
  readonly clusterId: string;
  readonly id: string;
  readonly address: string;
  readonly atTurnEnd: AtTurnEnd;
  readonly onPeerMessage: (from: string, payload: Uint8Array) => void;
  readonly onClientRequest: (connection: number, payload: Uint8Array) => void;
  readonly onClientClosed: (connection: number) => void;
}

/** Nothing is sent to `cutOut` and nothing is accepted from `cutIn`; what comes from `disturbed` peers suffers that. */
export interface LinkFilter {
  readonly cutOut: readonly string[];
  readonly cutIn: readonly string[];
  readonly disturbed?: Readonly<Record<string, Disturbance>>;
}

/** A client that asks and does not read the answers is cut off here. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

export class SocketNetwork implements Network {
  readonly #options: SocketNetworkOptions;
  readonly #links = new Map<string, PeerLink>();
  readonly #clients = new Map<number, FrameSocket>();
  #connections = 0;
  /** The other members of the configuration in force. */
  #peers: Readonly<Record<string, string>> = {};
  #filter: LinkFilter = { cutOut: [], cutIn: [] };

  constructor(options: SocketNetworkOptions) {
    this.#options = options;
  }

  get peers(): Readonly<Record<string, string>> {
    return this.#peers;
  }

  setPeers(addresses: Readonly<Record<string, string>>): void {
    this.#peers = addresses;
    for (const [peer, address] of Object.entries(addresses)) {
      // It may have left and come back at another place.
      if (this.#links.get(peer)?.address !== address) this.#link(peer, address);
    }
    for (const peer of this.#links.keys()) this.#closeIfNeedless(peer);
  }

  #link(peer: string, address: string): PeerLink {
    const { clusterId, id: self, address: selfAddress, atTurnEnd, onPeerMessage } = this.#options;
    const onMessage = (payload: Uint8Array): void => onPeerMessage(peer, payload);
    const onHungUp = (): void => this.#closeIfNeedless(peer);
    this.#links.get(peer)?.close();
    const link = new PeerLink({ clusterId, self, selfAddress, peer, address, atTurnEnd, onMessage, onHungUp });
    this.#links.set(peer, link);
    this.#applyFilter(peer, link);
    return link;
  }

  /** Who is no member is answered as long as it calls. */
  #closeIfNeedless(peer: string): void {
    const link = this.#links.get(peer);
    if (link === undefined || link.isCalled || Object.hasOwn(this.#peers, peer)) return;
    this.#links.delete(peer);
    link.close();
  }

  sendToPeer(to: string, payload: Uint8Array): void {
    this.#links.get(to)?.send(payload);
  }

  sendToClient(connection: number, payload: Uint8Array): void {
    const client = this.#clients.get(connection);
    client?.send(payload);
    if (client !== undefined && client.bufferedBytes > MAX_BUFFERED_BYTES) client.drop('answers are not read');
  }

  acceptPeer({ from, address }: { readonly from: string; readonly address: string }, connection: FrameSocket): void {
    const link = this.#links.get(from) ?? this.#link(from, address);
    link.accept(connection);
  }

  acceptClient(connection: FrameSocket): void {
    const { onClientRequest, onClientClosed } = this.#options;
    const number = ++this.#connections;
    this.#clients.set(number, connection);
    connection.use({
      onPayload: (payload) => onClientRequest(number, payload),
      onClose: () => {
        this.#clients.delete(number);
        onClientClosed(number);
      },
    });
  }

  /** Replaces the filter; links that are free (again) are dialled at once. */
  setFilter(filter: LinkFilter): void {
    this.#filter = filter;
    for (const [peer, link] of this.#links) this.#applyFilter(peer, link);
  }

  #applyFilter(peer: string, link: PeerLink): void {
    const { cutOut, cutIn, disturbed = {} } = this.#filter;
    link.setDisturbance(disturbed[peer] ?? UNDISTURBED);
    link.setCut({ out: cutOut.includes(peer), in: cutIn.includes(peer) });
  }

  counters(): Record<string, LinkCounters> {
    return Object.fromEntries([...this.#links].map(([peer, link]) => [peer, link.counters()]));
  }
}
