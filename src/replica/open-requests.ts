/**
 * The table of requests that clients wait for. A command is found again by the index and term at which it was accepted:
 * another leader's entry may have taken the place, and then the core has answered already that leadership was lost.
 */
import type { LogIndex, RequestId, Term } from '../raft/types.ts';

export interface OpenRequest {
  readonly connection: number;
  /** The client's number of the request. */
  readonly attempt: number;
  /** What a read outside the log asks for; null for a command. */
  readonly readKey: string | null;
}

export class OpenRequests {
  readonly #requests = new Map<RequestId, OpenRequest>();
  readonly #byConnection = new Map<number, Set<RequestId>>();
  readonly #places = new Map<LogIndex, { readonly requestId: RequestId; readonly term: Term }>();
  #lastId: RequestId = 0;

  open(request: OpenRequest): RequestId {
    const requestId = ++this.#lastId;
    this.#requests.set(requestId, request);
    const ofConnection = this.#byConnection.get(request.connection);
    if (ofConnection === undefined) this.#byConnection.set(request.connection, new Set([requestId]));
    else ofConnection.add(requestId);
    return requestId;
  }

  /** The command stands in the log at this place. */
  place(requestId: RequestId, { index, term }: { readonly index: LogIndex; readonly term: Term }): void {
    this.#places.set(index, { requestId, term });
  }

  /** Takes out the request whose command is this very entry; another leader's entry at the same index answers nobody. */
  takeAt({ index, term }: { readonly index: LogIndex; readonly term: Term }): OpenRequest | undefined {
    const place = this.#places.get(index);
    if (place === undefined) return undefined;
    this.#places.delete(index);
    return place.term === term ? this.take(place.requestId) : undefined;
  }

  /** Entries up to `index` will not be applied here any more; who waited for one was answered when leadership was lost. */
  forgetThrough(index: LogIndex): void {
    for (const place of this.#places.keys()) if (place <= index) this.#places.delete(place);
  }

  /** Takes out a request; undefined where its client is gone. */
  take(requestId: RequestId): OpenRequest | undefined {
    const request = this.#requests.get(requestId);
    if (request === undefined) return undefined;
    this.#requests.delete(requestId);
    const ofConnection = this.#byConnection.get(request.connection)!;
    ofConnection.delete(requestId);
    if (ofConnection.size === 0) this.#byConnection.delete(request.connection);
    return request;
  }

  /** Takes out everything that this connection waits for. */
  dropConnection(connection: number): readonly RequestId[] {
    const requestIds = [...(this.#byConnection.get(connection) ?? [])];
    for (const requestId of requestIds) this.take(requestId);
    return requestIds;
  }
}
