/**
 * One connection of the simulated network: opened by a hello and used only after the answer to it, as on TCP. Whatever
 * travels is a frame of bytes, cut back into payloads at the far end, so no object is ever shared between two places.
 */
import type { Random } from '../base/random.ts';
import type { Nanos } from '../base/time.ts';
import { encodeFrame, FrameDecoder } from '../wire/frames.ts';
import type { DialEnd, End, Outbound } from './ends.ts';
import type { LinkOptions, SimNetwork } from './sim-network.ts';

export interface DialOptions {
  readonly network: SimNetwork;
  /** Who calls, and whom: by these names links are cut. */
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly hello: Uint8Array;
  readonly link: LinkOptions;
  readonly end: DialEnd;
}

const HARMLESS = { loss: 0, duplication: 0, late: 0 };

/** How long a caller waits for an address that does not answer. */
const CONNECT_TIMEOUT_NS: Nanos = 50_000_000;

/** Calls an address. The caller is told of `onOpen` or `onClosed` later, never from within. */
export function dial(options: DialOptions): Outbound {
  const { network, from, to, address, hello, link, end } = options;
  const { clock } = network;
  const delays = network.fateOf(from, to, hello);
  const connection = new Connection(network, link);
  const near = connection.side({ from, to, told: end });
  clock.after(delayOf(link, delays), () => {
    const listener = network.listenerAt(address);
    if (network.isCut(from, to) || network.isCut(to, from)) {
      clock.after(CONNECT_TIMEOUT_NS, () => connection.lose(near));
    } else if (listener === undefined) {
      clock.after(delayOf(link, delays), () => connection.lose(near));
    } else {
      const far = connection.side({ from: to, to: from, told: null });
      listener.onHello(
        {
          accept: (answer, told) => {
            connection.open(far, told);
            clock.after(delayOf(link, delays), () => connection.answer(near, () => end.onOpen(answer.slice())));
          },
          send: (payload) => connection.send(far, payload),
          close: () => connection.close(far),
        },
        hello.slice(),
      );
    }
  });
  return {
    send: (payload) => connection.send(near, payload),
    close: () => connection.close(near),
  };
}

/** Calls an address, asks one thing, and hangs up with the answer; null where the connection is lost before it. */
export function askOnce(
  options: Omit<DialOptions, 'end'> & {
    readonly payload: Uint8Array;
    readonly done: (answer: Uint8Array | null) => void;
  },
): void {
  let isDone = false;
  const end = (answer: Uint8Array | null): void => {
    if (isDone) return;
    isDone = true;
    if (answer !== null) connection.close();
    options.done(answer);
  };
  const connection = dial({
    ...options,
    end: {
      onOpen: () => connection.send(options.payload),
      onPayload: (payload) => end(payload),
      onClosed: () => end(null),
    },
  });
}

/** One end, and the way that leads away from it. */
interface Side {
  readonly from: string;
  readonly to: string;
  /** The end at this side; null until it accepted, and again when it gave up or was told that the connection is gone. */
  told: End | null;
  /** Cuts what arrives here back into payloads. */
  readonly decoder: FrameDecoder;
  /** It may send: the hello was answered. */
  ready: boolean;
  /** When the last frame of a stream arrives at the other side; the next one does not overtake it. */
  lastArrivalNs: Nanos;
}

class Connection {
  readonly #network: SimNetwork;
  readonly #link: LinkOptions;
  /** The link once the network was repaired. */
  readonly #whole: LinkOptions;
  readonly #sides: Side[] = [];

  constructor(network: SimNetwork, link: LinkOptions) {
    this.#network = network;
    this.#link = link;
    this.#whole = { ...link, ...HARMLESS };
  }

  side(ways: { readonly from: string; readonly to: string; readonly told: End | null }): Side {
    const side: Side = { ...ways, decoder: new FrameDecoder(), ready: false, lastArrivalNs: 0 };
    this.#sides.push(side);
    return side;
  }

  open(side: Side, told: End): void {
    side.told = told;
    side.ready = true;
    if (this.#otherThan(side)?.told === null) this.#network.clock.after(0, () => this.lose(side));
  }

  answer(side: Side, tell: () => void): void {
    if (side.told === null) return;
    side.ready = true;
    tell();
  }

  send(side: Side, payload: Uint8Array): void {
    if (!side.ready || side.told === null) return;
    const frame = encodeFrame(payload);
    const fate = this.#network.fateOf(side.from, side.to, frame);
    if (this.#link.kind === 'stream') this.#sendInOrder(side, frame, fate);
    else this.#sendAlone(side, frame, fate);
  }

  /**
   * The end at `side` gives the connection up, or dies. What it sent before is under way and arrives, as after a `kill -9`; then
   * the other end learns it, as far as the link lets it.
   */
  close(side: Side): void {
    side.told = null;
    const other = this.#otherThan(side);
    if (other === undefined) return;
    const { clock } = this.#network;
    clock.at(Math.max(side.lastArrivalNs, clock.nowNs() + this.#link.maxDelayNs), () => {
      if (!this.#network.isCut(side.from, side.to)) this.lose(other);
    });
  }

  /** Tells the end at `side`, once, that the connection is gone. */
  lose(side: Side): void {
    const end = side.told;
    side.told = null;
    end?.onClosed();
  }

  #sendInOrder(side: Side, frame: Uint8Array, fate: Random): void {
    const { clock } = this.#network;
    side.lastArrivalNs = Math.max(side.lastArrivalNs, clock.nowNs() + delayOf(this.#link, fate));
    const lost = fate.chance(this.#present.loss);
    clock.at(side.lastArrivalNs, () => (lost ? this.#breakUp() : this.#arrive(side, frame)));
  }

  #sendAlone(side: Side, frame: Uint8Array, fate: Random): void {
    const { loss, duplication, late, lateNs } = this.#present;
    if (fate.chance(loss)) return;
    for (let copies = fate.chance(duplication) ? 2 : 1; copies > 0; copies--) {
      const delayNs = delayOf(this.#link, fate) + (fate.chance(late) ? fate.int(lateNs + 1) : 0);
      this.#network.clock.after(delayNs, () => this.#arrive(side, frame));
    }
  }

  /** A frame that finds nobody at its end is answered with a reset, which may be lost too. */
  #arrive(side: Side, frame: Uint8Array): void {
    if (this.#network.isCut(side.from, side.to)) return;
    const other = this.#otherThan(side);
    if (other === undefined || other.told === null) {
      if (!this.#network.isCut(side.to, side.from)) this.lose(side);
      return;
    }
    other.decoder.push(frame);
    for (let payload = other.decoder.next(); payload !== undefined; payload = other.decoder.next()) {
      other.told?.onPayload(payload);
    }
  }

  #breakUp(): void {
    for (const side of this.#sides) this.lose(side);
  }

  get #present(): LinkOptions {
    return this.#network.isRepaired ? this.#whole : this.#link;
  }

  #otherThan(side: Side): Side | undefined {
    return this.#sides.find((it) => it !== side);
  }
}

function delayOf(link: LinkOptions, draws: Random): Nanos {
  return draws.between(link.minDelayNs, link.maxDelayNs);
}
