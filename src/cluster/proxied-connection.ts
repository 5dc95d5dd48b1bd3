/**
 * One connection through a proxy, from the node that opened it to the other: bytes go on in both directions as the links allow. What a cut link loses
 * is gone, so a connection that lost something goes on in silence, as it would on a dead network, until the cut heals; then it ends, since a
 * stream with a hole in it must not go on.
 */
import { connect, type Socket } from 'node:net';
import type { NodeId } from '../contract/names.ts';
import type { Endpoint } from '../contract/system.ts';
import { DelayQueue } from './delay-queue.ts';
import type { LinkState } from './link-state.ts';

export interface ProxiedConnectionOptions {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly accepted: Socket;
  readonly target: Endpoint;
  readonly links: LinkState;
  readonly onClose: () => void;
}

export class ProxiedConnection {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly #options: ProxiedConnectionOptions;
  #dialled: Socket | null = null;
  /** Something of it was lost: it cannot go on once the links are whole. */
  #isDamaged = false;
  #isClosed = false;
  readonly #queues: DelayQueue[] = [];

  constructor(options: ProxiedConnectionOptions) {
    this.from = options.from;
    this.to = options.to;
    this.#options = options;
    const { links, from, to } = options;
    // A connection needs both directions to come about.
    if (links.isCut(from, to) || links.isCut(to, from)) this.#hold();
    else this.#dial();
  }

  /** To be called when links are whole again. */
  onHealed(): void {
    const { links } = this.#options;
    if (this.#isDamaged && !links.isCut(this.from, this.to) && !links.isCut(this.to, this.from)) this.end();
  }

  /**
   * Ends it at both ends, in the middle of whatever was said. Not by `resetAndDestroy`: where the socket was half closed, that leaves a handle
   * behind for which Node 20 waits at its end, for ever and at full speed.
   */
  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const queue of this.#queues) queue.clear();
    this.#options.accepted.destroy();
    this.#dialled?.destroy();
    this.#options.onClose();
  }

  /** Nobody at the other end hears of it. */
  #hold(): void {
    const { accepted, links } = this.#options;
    this.#isDamaged = true;
    const [from, to] = links.isCut(this.from, this.to) ? [this.from, this.to] : [this.to, this.from];
    links.countsOf(from, to).dropped++;
    accepted.on('data', () => links.countsOf(from, to).dropped++);
    accepted.once('error', () => this.end());
    accepted.once('close', () => this.end());
  }

  #dial(): void {
    const { accepted, target } = this.#options;
    const dialled = connect({ ...target, noDelay: true, allowHalfOpen: true });
    this.#dialled = dialled;
    this.#pass({ source: accepted, sink: dialled, from: this.from, to: this.to });
    this.#pass({ source: dialled, sink: accepted, from: this.to, to: this.from });
  }

  /** One direction: what was said at one end, its last word too, is said at the other, in order. */
  #pass(way: { readonly source: Socket; readonly sink: Socket; readonly from: NodeId; readonly to: NodeId }): void {
    const { source, sink, from, to } = way;
    const { links } = this.#options;
    const counts = links.countsOf(from, to);
    const queue = new DelayQueue();
    this.#queues.push(queue);
    /** Nothing may follow what was lost. */
    let hasHole = false;
    const say = (words: () => void): void => {
      const delayMs = links.delayMs(from, to);
      if (delayMs > 0) counts.delayed++;
      queue.add(delayMs, () => {
        hasHole ||= links.isCut(from, to);
        if (!hasHole) return words();
        counts.dropped++;
        this.#isDamaged = true;
      });
    };
    source.on('data', (piece: Buffer) => {
      say(() => {
        counts.passed += piece.length;
        if (!sink.destroyed && !sink.write(piece)) source.pause();
      });
    });
    sink.on('drain', () => source.resume());
    source.once('end', () => say(() => sink.end()));
    source.once('error', () => say(() => this.end()));
    source.once('close', () => {
      if (source.destroyed && sink.destroyed) this.end();
    });
  }
}
