/**
 * The link between this node and one peer: a connection that this node opens for what it says, and one that the peer opens for
 * what this node hears. A lost connection is dialled again by itself. A cut is enforced at both ends, at once: connections are
 * closed, nothing is sent, and whatever still arrives is not heard.
 */
import type { Disturbance, LinkCounters } from '../wire/control-protocol.ts';
import { Disturber } from './disturber.ts';
import { dial, type AtTurnEnd, type FrameSocket } from '../sockets/frame-socket.ts';

export interface PeerLinkOptions {
  readonly clusterId: string;
  readonly self: string;
  /** Where this node is answered. */
  readonly selfAddress: string;
  readonly peer: string;
  readonly address: string;
  readonly atTurnEnd: AtTurnEnd;
  readonly onMessage: (payload: Uint8Array) => void;
  /** The peer's connection was lost, and there is no newer one. */
  readonly onHungUp: () => void;
}

/** A link as it should be. */
export const UNDISTURBED: Disturbance = { delayMs: 0, duplicate: false, resetEveryMs: 0 };

const REDIAL_MIN_MS = 5;
const REDIAL_MAX_MS = 100;
/** What waits for a peer that does not read: beyond it messages are dropped, as on any network, and Raft repeats itself. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

export class PeerLink {
  readonly #options: PeerLinkOptions;
  #cutOut = false;
  #cutIn = false;
  #outgoing: FrameSocket | undefined;
  #accepted = false;
  #incoming: FrameSocket | undefined;
  #redial: NodeJS.Timeout | undefined;
  #isClosed = false;
  #refusal = '';
  #redialMs = REDIAL_MIN_MS;
  #resetting: NodeJS.Timeout | undefined;
  readonly #disturber: Disturber;
  readonly #counters = { sent: 0, received: 0, droppedOut: 0, droppedIn: 0, resets: 0 };

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.#disturber = new Disturber(options.onMessage);
  }

  counters(): LinkCounters {
    return { ...this.#counters, ...this.#disturber.counters() };
  }

  /** Opens the connection to the peer, and from now on keeps it open unless it is cut. */
  dial(): void {
    clearTimeout(this.#redial);
    if (this.#outgoing !== undefined || this.#cutOut || this.#isClosed) return;
    const { address, clusterId, self, selfAddress, peer, atTurnEnd } = this.#options;
    const hello = { role: 'peer', clusterId, from: self, to: peer, address: selfAddress } as const;
    const connection = dial(
      address,
      hello,
      {
        onAccepted: () => {
          this.#accepted = true;
          this.#redialMs = REDIAL_MIN_MS;
        },
        onPayload: () => connection.drop('a peer does not speak on this connection'),
        onClose: (reason) => this.#onLost(connection, reason),
      },
      atTurnEnd,
    );
    this.#outgoing = connection;
  }

  send(payload: Uint8Array): void {
    if (this.#cutOut) {
      this.#counters.droppedOut++;
      return;
    }
    const connection = this.#outgoing;
    if (connection === undefined || !this.#accepted || connection.bufferedBytes > MAX_BUFFERED_BYTES) return;
    this.#counters.sent++;
    connection.send(payload);
  }

  /** The peer's connection, its hello already checked. It replaces an older one; and since the peer lives, it is dialled. */
  accept(connection: FrameSocket): void {
    if (this.#cutIn) {
      this.#counters.droppedIn++;
      return connection.drop('the link is cut');
    }
    this.#incoming?.drop('replaced by a newer connection');
    this.#incoming = connection;
    connection.use({
      onPayload: (payload) => {
        this.#counters.received++;
        this.#disturber.receive(payload);
      },
      onClose: () => {
        if (this.#incoming !== connection) return;
        this.#incoming = undefined;
        this.#options.onHungUp();
      },
    });
    this.#redialMs = REDIAL_MIN_MS;
    return this.dial();
  }

  get address(): string {
    return this.#options.address;
  }

  /** Whether the peer has a connection here. */
  get isCalled(): boolean {
    return this.#incoming !== undefined;
  }

  /** Ends the link for good. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#redial);
    clearInterval(this.#resetting);
    this.#disturber.lose();
    this.#incoming?.drop('no peer any more');
    this.#outgoing?.drop('no peer any more');
  }

  setCut(cut: { readonly out: boolean; readonly in: boolean }): void {
    this.#cutOut = cut.out;
    this.#cutIn = cut.in;
    if (cut.in) {
      this.#incoming?.drop('the link is cut');
      this.#disturber.lose();
    }
    if (cut.out) {
      clearTimeout(this.#redial);
      this.#outgoing?.drop('the link is cut');
    } else {
      this.#redialMs = REDIAL_MIN_MS;
      this.dial();
    }
  }

  /** What comes from the peer suffers this from now on. */
  setDisturbance(disturbance: Disturbance): void {
    this.#disturber.set(disturbance);
    clearInterval(this.#resetting);
    if (disturbance.resetEveryMs > 0) this.#resetting = setInterval(() => this.#reset(), disturbance.resetEveryMs);
  }

  /** The peer dials again by itself. */
  #reset(): void {
    if (this.#incoming === undefined) return;
    this.#counters.resets++;
    this.#incoming.drop('the link is reset');
  }

  #onLost(connection: FrameSocket, reason: string): void {
    if (this.#outgoing !== connection) return;
    this.#outgoing = undefined;
    this.#accepted = false;
    // Once: whoever lives at that address now is called on and on, until the configuration names another place.
    if (reason.startsWith('refused') && reason !== this.#refusal)
      process.stderr.write(`${this.#options.peer} ${reason}\n`);
    this.#refusal = reason;
    if (this.#cutOut || this.#isClosed) return;
    this.#redial = setTimeout(() => this.dial(), this.#redialMs);
    this.#redialMs = Math.min(REDIAL_MAX_MS, this.#redialMs * 2);
  }
}
