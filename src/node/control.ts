/**
 * The controller's connections: faults of links, disk and clock, status, and role changes as they happen. A node belongs to its controller and
 * does not outlive it: it ends when the last control connection closes, or when none comes at all.
 */
import { encodeControlResponse, decodeControlRequest } from '../wire/control-codec.ts';
import type { ControlRequest, ControlResponse } from '../wire/control-protocol.ts';
import type { FrameSocket } from '../sockets/frame-socket.ts';
import type { DiskTrouble } from './file-disk.ts';
import type { LinkFilter } from './socket-network.ts';

export type RoleEvent = Extract<ControlResponse, { kind: 'role' }>;
export type Status = Omit<Extract<ControlResponse, { kind: 'status' }>, 'kind' | 'id'>;

export interface ControlOptions {
  readonly status: () => Status;
  readonly role: () => RoleEvent;
  readonly setFilter: (filter: LinkFilter) => void;
  readonly setDisk: (trouble: DiskTrouble) => void;
  readonly setClock: (fault: { readonly rate: number; readonly jumpMs: number }) => void;
  /** The controller is gone. */
  readonly onAbandoned: () => void;
}

const FIRST_CONTROLLER_MS = 10_000;

export class Control {
  readonly #options: ControlOptions;
  readonly #connections = new Set<FrameSocket>();
  readonly #patience: NodeJS.Timeout;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#patience = setTimeout(options.onAbandoned, FIRST_CONTROLLER_MS);
  }

  accept(connection: FrameSocket): void {
    clearTimeout(this.#patience);
    this.#connections.add(connection);
    connection.use({
      onPayload: (payload) => this.#onRequest(connection, decodeControlRequest(payload)),
      onClose: () => {
        this.#connections.delete(connection);
        if (this.#connections.size === 0) this.#options.onAbandoned();
      },
    });
    connection.send(encodeControlResponse(this.#options.role()));
  }

  tellRole(event: RoleEvent): void {
    for (const connection of this.#connections) connection.send(encodeControlResponse(event));
  }

  #onRequest(connection: FrameSocket, request: ControlRequest): void {
    switch (request.kind) {
      case 'links':
        this.#options.setFilter(request);
        return connection.send(encodeControlResponse({ kind: 'linksSet', id: request.id }));
      case 'disk':
        this.#options.setDisk(request);
        return connection.send(encodeControlResponse({ kind: 'done', id: request.id }));
      case 'clock':
        this.#options.setClock(request);
        return connection.send(encodeControlResponse({ kind: 'done', id: request.id }));
      case 'status':
        return connection.send(encodeControlResponse({ kind: 'status', id: request.id, ...this.#options.status() }));
    }
  }
}
