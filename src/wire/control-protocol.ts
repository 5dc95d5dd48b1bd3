/**
 * The control protocol: how the controller speaks to a bundled node, as JSON, one document a frame. The node ends itself when
 * its last control connection closes after one was open: no orphans.
 */
import type { Nanos } from '../base/time.ts';

/** What a link suffers that still delivers. It is done at the receiver. */
export interface Disturbance {
  /** Every message is handed over so much later, in order; 0 for at once. */
  readonly delayMs: number;
  /** Every message is handed over a second time, a little later. */
  readonly duplicate: boolean;
  /** The connection is closed so often; 0 for never. */
  readonly resetEveryMs: number;
}

export type ControlRequest =
  /**
   * Replaces the filter: from now on nothing is sent to `out` and nothing is accepted from `in`. Cut connections are closed; freed links
   * redial at once. What comes from the peers in `disturbed` suffers that; from the others nothing.
   */
  | {
      readonly kind: 'links';
      readonly id: number;
      readonly cutOut: readonly string[];
      readonly cutIn: readonly string[];
      readonly disturbed: Readonly<Record<string, Disturbance>>;
    }
  /** Every fsync takes so much longer; a full disk takes no byte more. */
  | { readonly kind: 'disk'; readonly id: number; readonly syncDelayMs: number; readonly full: boolean }
  /** The node's clock goes on at `rate` times the host's, and is put forward by `jumpMs` at once. */
  | { readonly kind: 'clock'; readonly id: number; readonly rate: number; readonly jumpMs: number }
  | { readonly kind: 'status'; readonly id: number };

/**
 * Messages (not bytes) since the node started. `droppedOut` were meant for a cut link; `droppedIn` are connections refused because
 * theirs is cut; `resets` are connections closed by a disturbance.
 */
export interface LinkCounters {
  readonly sent: number;
  readonly received: number;
  readonly droppedOut: number;
  readonly droppedIn: number;
  readonly delayed: number;
  readonly duplicated: number;
  readonly resets: number;
}

export type ControlResponse =
  /** The filter is in force. */
  | { readonly kind: 'linksSet'; readonly id: number }
  /** The disk or the clock is as asked. */
  | { readonly kind: 'done'; readonly id: number }
  | {
      readonly kind: 'status';
      readonly id: number;
      readonly role: string;
      readonly term: number;
      readonly leader: string | null;
      readonly commitIndex: number;
      readonly lastIndex: number;
      readonly links: Readonly<Record<string, LinkCounters>>;
      /** Fsyncs of files since the node started. */
      readonly syncs: number;
      /** Fsyncs that waited for a slow disk since the node started. */
      readonly delayedSyncs: number;
      /** The node's clock and the host's, read at one moment, in nanoseconds since the run began. */
      readonly clockNs: Nanos;
      readonly hostNs: Nanos;
      /** As this node has them; `outgoing` are voters of the old half of a joint configuration. */
      readonly members: {
        readonly voters: readonly string[];
        readonly outgoing: readonly string[];
        readonly learners: readonly string[];
      };
      /** Everything in the log below this offset is attested. */
      readonly attestedThrough: number;
    }
  /** Role and term changes, unasked; the first one on connecting tells the present role. */
  | {
      readonly kind: 'role';
      readonly time: Nanos;
      readonly node: string;
      readonly role: 'follower' | 'pre-candidate' | 'candidate' | 'leader';
      readonly term: number;
      readonly leader: string | null;
    };
