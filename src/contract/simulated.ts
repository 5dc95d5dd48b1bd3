/** What a simulated cluster has in place of machines: everything that real processes have for themselves, as plain JSON. */

/** What a link does to frames; probabilities are per frame. */
export interface SimulatedLink {
  /** `stream`: in order, and a loss breaks the connection. `datagram`: each frame on its own. */
  readonly kind: 'stream' | 'datagram';
  readonly delayMs: readonly [min: number, max: number];
  readonly loss: number;
  /** Datagrams only. */
  readonly duplication: number;
  /** Datagrams only: the share that is held back for up to `lateMs` more, and so overtaken. */
  readonly late: number;
  readonly lateMs: number;
}

/** How a node is set up, real or simulated. */
export interface NodeSettings {
  readonly heartbeatMs: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly maxEntriesPerMessage: number;
  readonly maxInFlight: number;
}

/**
 * One configuration of a swarm (Groce et al., "Swarm testing", 2012): a defence that is always on hides the bugs behind it. The correct
 * node has to hold in all of them.
 */
export interface SimulatedWorld extends NodeSettings {
  /** Between nodes, and between clients and nodes (a stream). */
  readonly peerLink: SimulatedLink;
  readonly clientLink: SimulatedLink;
  /** How long an fsync takes. */
  readonly syncMs: readonly [min: number, max: number];
  readonly snapshots: {
    /** Null for never. */
    readonly everyEntries: number | null;
    readonly keepEntries: number;
    readonly sliceBytes: number;
    readonly pauseMs: number;
  };
  readonly segmentBytes: number;
  /** How fast the clocks of the first nodes go; 1 where nothing is said. */
  readonly clockRates: readonly number[];
  /** With every heartbeat a leader forgets where its followers are, and goes on anywhere (see the core's `drawNextIndex`). */
  readonly losesTrack?: boolean;
}
