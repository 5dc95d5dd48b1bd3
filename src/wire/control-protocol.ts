/**
 * The control protocol: how the controller speaks to a bundled node, as JSON, one document a frame. The node ends itself when
 * its last control connection closes after one was open: no orphans.
 */
import type { Nanos } from '../base/time.ts';

export type ControlRequest =
  /** Replaces the filter: from now on nothing is sent to `out` and nothing is accepted from `in`. Cut connections are closed; freed links redial at once. */
  | {
      readonly kind: 'links';
      readonly id: number;
      readonly cutOut: readonly string[];
      readonly cutIn: readonly string[];
    }
  | { readonly kind: 'status'; readonly id: number };

/** Messages (not bytes) since the node started. `droppedOut` were meant for a cut link; `droppedIn` are connections refused because theirs is cut. */
export interface LinkCounters {
  readonly sent: number;
  readonly received: number;
  readonly droppedOut: number;
  readonly droppedIn: number;
}

export type ControlResponse =
  /** The filter is in force. */
  | { readonly kind: 'linksSet'; readonly id: number }
  | {
      readonly kind: 'status';
      readonly id: number;
      readonly role: string;
      readonly term: number;
      readonly leader: string | null;
      readonly commitIndex: number;
      readonly lastIndex: number;
      readonly links: Readonly<Record<string, LinkCounters>>;
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
