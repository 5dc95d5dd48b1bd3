/**
 * One client's way to one node, by messages: a request, and its answer by `in_reply_to`. What comes after its time, or twice, is
 * dropped. A request is sent once; when its node goes down before it has answered, nobody knows what became of it.
 */
import type { Completion } from '../contract/cluster.ts';
import type { NodeId } from '../contract/names.ts';
import type { Refusal, Session } from '../contract/system.ts';
import { completionOf, requestOf } from './lin-kv.ts';
import type { Body } from './message.ts';
import type { MessageNetwork } from './network.ts';

type Call = Parameters<Session['ask']>[0];

/** Told of a node that goes down; returns the means not to be told any more. */
export type WatchNode = (node: NodeId, onDown: () => void) => () => void;

export class RpcSession implements Session {
  readonly #node: NodeId;
  readonly #network: MessageNetwork;
  readonly #name: string;
  readonly #unwatch: () => void;
  #messages = 0;
  #open: { readonly id: number; readonly answer: (body: Body | string) => void } | undefined;

  constructor(node: NodeId, network: MessageNetwork, watch: WatchNode) {
    this.#node = node;
    this.#network = network;
    this.#name = network.addClient(({ body }) => {
      if (body.in_reply_to === this.#open?.id) this.#open?.answer(body);
    });
    this.#unwatch = watch(node, () => this.#open?.answer('the node went down'));
  }

  async ask(call: Call, timeoutMs: number): Promise<Completion | Refusal> {
    const answer = await this.#ask(requestOf(call), timeoutMs);
    if (answer === null) return { kind: 'refused', error: 'the node is down' };
    return typeof answer === 'string' ? { kind: 'unknown', error: answer } : completionOf(call, answer, this.#node);
  }

  async close(): Promise<void> {
    this.#open?.answer('closed');
    this.#unwatch();
    this.#network.removeClient(this.#name);
  }

  /** The body of the answer, or in words why there is none; null where the request cannot have arrived. */
  #ask(body: Body, timeoutMs: number): Promise<Body | string | null> {
    const id = ++this.#messages;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#open?.answer('timeout'), timeoutMs);
      const settle = (answer: Body | string | null): void => {
        clearTimeout(timer);
        this.#open = undefined;
        resolve(answer);
      };
      this.#open = { id, answer: settle };
      const message = { src: this.#name, dest: this.#node, body: { ...body, msg_id: id } };
      if (!this.#network.ask(message)) settle(null);
    });
  }
}
