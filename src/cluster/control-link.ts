/** The controller's connection to one life of one node: requests with their answers, and role changes as they come. */
import { decodeControlResponse, encodeControlRequest } from '../wire/control-codec.ts';
import type { ControlRequest, ControlResponse, Disturbance } from '../wire/control-protocol.ts';
import { dial, type FrameSocket } from '../sockets/frame-socket.ts';

export type RoleEvent = Extract<ControlResponse, { kind: 'role' }>;
export type NodeStatus = Extract<ControlResponse, { kind: 'status' }>;
type Answer = Exclude<ControlResponse, RoleEvent>;
/** A request without its number. */
type Question = ControlRequest extends infer R ? (R extends ControlRequest ? Omit<R, 'id'> : never) : never;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export class ControlLink {
  readonly #onRole: (event: RoleEvent) => void;
  readonly #pending = new Map<number, Pending>();
  #connection: FrameSocket | undefined;
  #requests = 0;

  constructor(onRole: (event: RoleEvent) => void) {
    this.#onRole = onRole;
  }

  /** One try to connect. Rejects with the reason. */
  connect(target: { readonly address: string; readonly clusterId: string; readonly node: string }): Promise<void> {
    const hello = { role: 'control', clusterId: target.clusterId, to: target.node } as const;
    return new Promise((resolve, reject) => {
      this.#connection = dial(target.address, hello, {
        onAccepted: resolve,
        onPayload: (payload) => this.#onResponse(decodeControlResponse(payload)),
        onClose: (reason) => {
          reject(new Error(reason));
          this.#onClose(reason);
        },
      });
    });
  }

  /** Resolves once nothing is sent to `cutOut` and nothing accepted from `cutIn`; rejects if the node ends first. */
  async setLinks(filter: {
    readonly cutOut: readonly string[];
    readonly cutIn: readonly string[];
    readonly disturbed: Readonly<Record<string, Disturbance>>;
  }): Promise<void> {
    await this.#ask({ kind: 'links', ...filter });
  }

  async setDisk(trouble: { readonly syncDelayMs: number; readonly full: boolean }): Promise<void> {
    await this.#ask({ kind: 'disk', ...trouble });
  }

  async setClock(fault: { readonly rate: number; readonly jumpMs: number }): Promise<void> {
    await this.#ask({ kind: 'clock', ...fault });
  }

  async status(): Promise<NodeStatus> {
    return (await this.#ask({ kind: 'status' })) as NodeStatus;
  }

  close(): void {
    this.#connection?.drop('closed by the controller');
  }

  #ask(question: Question): Promise<Answer> {
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      if (this.#connection === undefined) return reject(new Error('not connected'));
      this.#pending.set(id, { resolve, reject });
      return this.#connection.send(encodeControlRequest({ ...question, id }));
    });
  }

  #onResponse(response: ControlResponse): void {
    if (response.kind === 'role') return this.#onRole(response);
    this.#pending.get(response.id)?.resolve(response);
    this.#pending.delete(response.id);
    return undefined;
  }

  #onClose(reason: string): void {
    this.#connection = undefined;
    for (const { reject } of this.#pending.values()) reject(new Error(reason));
    this.#pending.clear();
  }
}
