/**
 * One connection of the simulated network: opened by a hello and used only after the answer to it, as on TCP. Whatever
 * travels is a copy of the bytes that were sent, so no object is ever shared between two places.
 */
import { crc32 } from 'node:zlib';
import type { Random } from '../base/random.ts';
import { copyOf } from '../base/space.ts';
import type { Nanos } from '../base/time.ts';
import type { DialEnd, End, Outbound } from './ends.ts';
import { wayOf, type Fates, type LinkOptions, type SimNetwork, type Way } from './sim-network.ts';

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
  const there = wayOf(from, to);
  const back = wayOf(to, from);
  const delays = network.fatesOf(there).of(crc32(hello));
  const connection = new Connection(network, link);
  const near = connection.side({ there, back, told: end });
  clock.after(delayOf(link, delays), () => {
    const listener = network.listenerAt(address);
    if (network.isCut(there) || network.isCut(back)) {
      clock.after(CONNECT_TIMEOUT_NS, () => connection.lose(near));
    } else if (listener === undefined) {
      clock.after(delayOf(link, delays), () => connection.lose(near));
    } else {
      const far = connection.side({ there: back, back: there, told: null });
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
  readonly there: Way;
  readonly back: Way;
  readonly fates: Fates;
  /** The end at this side; null until it accepted, and again when it gave up or was told that the connection is gone. */
  told: End | null;
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

  side({ there, back, told }: Pick<Side, 'there' | 'back' | 'told'>): Side {
    const fates = this.#network.fatesOf(there);
    const side: Side = { there, back, fates, told, ready: false, lastArrivalNs: 0 };
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
    const fate = side.fates.of(checksumOf(payload));
    if (this.#link.kind === 'stream') this.#sendInOrder(side, payload, fate);
    else this.#sendAlone(side, payload, fate);
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
      if (!this.#network.isCut(side.there)) this.lose(other);
    });
  }

  /** Tells the end at `side`, once, that the connection is gone. */
  lose(side: Side): void {
    const end = side.told;
    side.told = null;
    end?.onClosed();
  }

  #sendInOrder(side: Side, payload: Uint8Array, fate: Random): void {
    const { clock } = this.#network;
    side.lastArrivalNs = Math.max(side.lastArrivalNs, clock.nowNs() + delayOf(this.#link, fate));
    const lost = fate.chance(this.#present.loss);
    const copy = copyOf(payload);
    clock.at(side.lastArrivalNs, () => (lost ? this.#breakUp() : this.#arrive(side, copy)));
  }

  #sendAlone(side: Side, payload: Uint8Array, fate: Random): void {
    const { loss, duplication, late, lateNs } = this.#present;
    if (fate.chance(loss)) return;
    for (let copies = fate.chance(duplication) ? 2 : 1; copies > 0; copies--) {
      const delayNs = delayOf(this.#link, fate) + (fate.chance(late) ? fate.int(lateNs + 1) : 0);
      const copy = copyOf(payload);
      this.#network.clock.after(delayNs, () => this.#arrive(side, copy));
    }
  }

  /** A frame that finds nobody at its end is answered with a reset, which may be lost too. */
  #arrive(side: Side, payload: Uint8Array): void {
    if (this.#network.isCut(side.there)) return;
    const end = this.#otherThan(side)?.told ?? null;
    if (end !== null) end.onPayload(payload);
    else if (!this.#network.isCut(side.back)) this.lose(side);
  }

  #breakUp(): void {
    for (const side of this.#sides) this.lose(side);
  }

  get #present(): LinkOptions {
    return this.#network.isRepaired ? this.#whole : this.#link;
  }

  #otherThan(side: Side): Side | undefined {
    return this.#sides[0] === side ? this.#sides[1] : this.#sides[0];
  }
}

function delayOf(link: LinkOptions, draws: Random): Nanos {
  return draws.between(link.minDelayNs, link.maxDelayNs);
}

const LENGTH = new DataView(new ArrayBuffer(4));
/** Of the lengths that were met, as long as they are short. */
const LENGTH_CHECKSUMS: number[] = [];
const LONG = 4096;

/** Of the frame that carries it, with its length in front. */
function checksumOf(payload: Uint8Array): number {
  return crc32(payload, checksumOfLength(payload.length));
}

function checksumOfLength(length: number): number {
  const known = LENGTH_CHECKSUMS[length];
  if (known !== undefined) return known;
  LENGTH.setUint32(0, length);
  const checksum = crc32(LENGTH);
  if (length < LONG) LENGTH_CHECKSUMS[length] = checksum;
  return checksum;
}
