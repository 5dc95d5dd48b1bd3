/** The two ends of a simulated connection: what each can do, and what it is told. */

/** What one end of a connection is told. */
export interface End {
  onPayload(payload: Uint8Array): void;
  /** The other end is gone, or was never reached. Told once; nothing follows. */
  onClosed(): void;
}

/** The end that dialled is also told when the connection is of use. */
export interface DialEnd extends End {
  onOpen(helloAnswer: Uint8Array): void;
}

/** The connection as the end that dialled sees it. */
export interface Outbound {
  /** Dropped unless the connection is open. */
  send(payload: Uint8Array): void;
  close(): void;
}

/** The connection as the end that was called sees it. */
export interface Inbound {
  accept(helloAnswer: Uint8Array, end: End): void;
  send(payload: Uint8Array): void;
  close(): void;
}

/** Takes calls at an address. */
export interface Listener {
  /** Answers a hello by `connection.accept` or `connection.close`, now or later. */
  onHello(connection: Inbound, hello: Uint8Array): void;
}
