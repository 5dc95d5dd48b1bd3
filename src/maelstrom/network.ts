/**
 * The network between Maelstrom's nodes and clients: everything that a node says goes through here, so that links between nodes can be cut
 * and disturbed message by message, in one direction or both. Clients are never cut off from nodes.
 *
 * A message is handed over at once and in order, as long as nothing is wrong with its link. One for a node that is down is lost.
 */
import type { Cut, LinkTrouble } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { Body, Message } from './message.ts';

/** Takes what is for one node or one client. */
type Inbox = (message: Message) => void;

/** What a directed link did to messages while something was wrong with it. */
export interface LinkCount {
  lost: number;
  late: number;
  twice: number;
}

interface Trouble {
  readonly keys: ReadonlySet<string>;
  readonly trouble: LinkTrouble;
  /** Of a link that is reset again and again: when the next message on it is lost, on the clock of `nowMs`. */
  readonly nextResetMs: Map<string, number>;
}

/** Messages that are late, and when each is to be handed over. */
interface Queue {
  readonly messages: { readonly message: Message; readonly atMs: number }[];
  timer: NodeJS.Timeout | undefined;
}

const NODE_NOT_FOUND = 1;

export class MessageNetwork {
  readonly #nodes = new Map<NodeId, Inbox>();
  readonly #clients = new Map<string, Inbox>();
  /** How many faults cut each directed link. */
  readonly #cuts = new Map<string, number>();
  readonly #troubles = new Set<Trouble>();
  readonly #counts = new Map<string, LinkCount>();
  /** By link: what is under way on it, in order, and the timer of the first. */
  readonly #underWay = new Map<string, Queue>();
  readonly #nowMs: () => number;
  #lastClient = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The node is up, and this takes what is for it. */
  addNode(id: NodeId, inbox: Inbox): void {
    this.#nodes.set(id, inbox);
  }

  /** The node is down: what is for it is lost. */
  removeNode(id: NodeId): void {
    this.#nodes.delete(id);
  }

  /** A new client, and its name: `c1`, `c2` … */
  addClient(inbox: Inbox): string {
    const id = `c${++this.#lastClient}`;
    this.#clients.set(id, inbox);
    return id;
  }

  removeClient(id: string): void {
    this.#clients.delete(id);
  }

  /** Of a client's request; false where its node is down, so that it cannot have arrived. */
  ask(message: Message): boolean {
    const inbox = this.#nodes.get(message.dest);
    inbox?.(message);
    return inbox !== undefined;
  }

  /** Of what a node said. */
  send(message: Message): void {
    const { src, dest, body } = message;
    const client = this.#clients.get(dest);
    if (client !== undefined) return client(message);
    if (/^n\d+$/.test(dest) && dest !== src) return this.#cross(message);
    if (dest === src) return this.#deliver(message);
    // Who is answered may have gone; who is asked and is not there is an error of the protocol.
    if (body.in_reply_to === undefined && body.msg_id !== undefined) return this.#answerNotFound(src, dest, body);
    return undefined;
  }

  /** Loses everything on these links until the function that comes back is called. */
  cut(cuts: readonly Cut[]): () => void {
    const change = (by: 1 | -1): void => {
      for (const cut of cuts) this.#cuts.set(keyOf(cut), (this.#cuts.get(keyOf(cut)) ?? 0) + by);
    };
    change(1);
    return () => change(-1);
  }

  /** Lets these links suffer until the function that comes back is called. */
  disturb(links: readonly Cut[], trouble: LinkTrouble): () => void {
    const entry = { keys: new Set(links.map(keyOf)), trouble, nextResetMs: new Map<string, number>() };
    this.#troubles.add(entry);
    return () => void this.#troubles.delete(entry);
  }

  /** What happened on that link so far. */
  countsOf(link: Cut): Readonly<LinkCount> {
    return { ...this.#countOf(keyOf(link)) };
  }

  /** Nothing is handed over any more. */
  close(): void {
    for (const { timer } of this.#underWay.values()) clearTimeout(timer);
    this.#nodes.clear();
    this.#clients.clear();
  }

  #answerNotFound(src: string, dest: string, { msg_id }: Body): void {
    const text = `there is no node ${dest}`;
    this.#deliver({
      src: dest,
      dest: src,
      body: { type: 'error', in_reply_to: msg_id!, code: NODE_NOT_FOUND, text },
    });
  }

  /** From node to node. */
  #cross(message: Message): void {
    const key = keyOf({ from: message.src, to: message.dest });
    const count = this.#countOf(key);
    const suffered = [...this.#troubles].filter(({ keys }) => keys.has(key));
    if ((this.#cuts.get(key) ?? 0) > 0 || suffered.some((entry) => this.#isReset(entry, key))) {
      count.lost++;
      return;
    }
    const delayMs = Math.max(0, ...suffered.map(({ trouble }) => (trouble.kind === 'delay' ? trouble.delayMs : 0)));
    if (delayMs > 0) count.late++;
    this.#deliverLater(message, key, delayMs);
    if (!suffered.some(({ trouble }) => trouble.kind === 'duplicate')) return;
    count.twice++;
    this.#deliverLater(message, key, delayMs);
  }

  /** A connection that breaks takes with it what is under way: here the next message. */
  #isReset({ trouble, nextResetMs }: Trouble, key: string): boolean {
    if (trouble.kind !== 'reset') return false;
    const nowMs = this.#nowMs();
    const isDue = nowMs >= (nextResetMs.get(key) ?? 0);
    if (isDue) nextResetMs.set(key, nowMs + trouble.everyMs);
    return isDue;
  }

  /** In order: nothing overtakes what is late. */
  #deliverLater(message: Message, key: string, delayMs: number): void {
    const queue = this.#underWay.get(key);
    if (delayMs === 0 && (queue === undefined || queue.messages.length === 0)) return this.#deliver(message);
    const late = queue ?? { messages: [], timer: undefined };
    this.#underWay.set(key, late);
    late.messages.push({ message, atMs: this.#nowMs() + delayMs });
    if (late.messages.length === 1) this.#wait(late);
    return undefined;
  }

  #wait(queue: Queue): void {
    const [first] = queue.messages;
    if (first === undefined) return;
    queue.timer = setTimeout(
      () => {
        this.#deliver(queue.messages.shift()!.message);
        this.#wait(queue);
      },
      Math.max(0, first.atMs - this.#nowMs()),
    );
  }

  #deliver(message: Message): void {
    this.#nodes.get(message.dest)?.(message);
  }

  #countOf(key: string): LinkCount {
    const count = this.#counts.get(key) ?? { lost: 0, late: 0, twice: 0 };
    this.#counts.set(key, count);
    return count;
  }
}

function keyOf({ from, to }: Cut): string {
  return `${from} ${to}`;
}
