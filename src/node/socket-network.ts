/** The Network port on TCP: a link to every peer, and the connections of clients, by number. */
import type { Network } from '../replica/ports.ts';
import type { AtTurnEnd, FrameSocket } from '../sockets/frame-socket.ts';
import type { Disturbance, LinkCounters } from '../wire/control-protocol.ts';
import { PeerLink, UNDISTURBED } from './peer-link.ts';

export interface SocketNetworkOptions {
  readonly clusterId: string;
  readonly id: string;
  readonly members: Readonly<Record<string, string>>;
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

  constructor(options: SocketNetworkOptions) {
    this.#options = options;
    const { clusterId, id: self, members, atTurnEnd, onPeerMessage } = options;
    for (const [peer, address] of Object.entries(members)) {
      if (peer === self) continue;
      const onMessage = (payload: Uint8Array): void => onPeerMessage(peer, payload);
      this.#links.set(peer, new PeerLink({ clusterId, self, peer, address, atTurnEnd, onMessage }));
    }
  }

  sendToPeer(to: string, payload: Uint8Array): void {
    this.#links.get(to)?.send(payload);
  }

  sendToClient(connection: number, payload: Uint8Array): void {
    const client = this.#clients.get(connection);
    client?.send(payload);
    if (client !== undefined && client.bufferedBytes > MAX_BUFFERED_BYTES) client.drop('answers are not read');
  }

  acceptPeer(from: string, connection: FrameSocket): void {
    this.#links.get(from)?.accept(connection);
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
  setFilter({ cutOut, cutIn, disturbed = {} }: LinkFilter): void {
    for (const [peer, link] of this.#links) {
      link.setDisturbance(disturbed[peer] ?? UNDISTURBED);
      link.setCut({ out: cutOut.includes(peer), in: cutIn.includes(peer) });
    }
  }

  counters(): Record<string, LinkCounters> {
    return Object.fromEntries([...this.#links].map(([peer, link]) => [peer, link.counters()]));
  }
}
