/**
 * The client protocol: a request and its response, one frame each, over one connection that may carry many clients.
 * Every request has a number of its own (`attempt`), so that a late answer to an abandoned attempt is never taken for another's.
 */
import type { Json } from '../base/json.ts';

/**
 * What a session-less or sessioned command does to the value of one key. Keys are strings; values any JSON; a key never written
 * reads null, and counts as the empty text, list or set, as 0, and as a lock that is free. The state machine (`src/kv/objects.ts`) says what each answers.
 */
export type Operation =
  | { readonly f: 'read'; readonly key: string }
  | { readonly f: 'write'; readonly key: string; readonly value: Json }
  | { readonly f: 'cas'; readonly key: string; readonly from: Json; readonly to: Json }
  /** Adds to the end of a text. */
  | { readonly f: 'concat'; readonly key: string; readonly text: string }
  /** Adds to the end of a list, and takes its first value out: a list that is shifted is a queue. */
  | { readonly f: 'push'; readonly key: string; readonly value: Json }
  | { readonly f: 'shift'; readonly key: string }
  /** Adds a whole number, which may be negative, to a counter. */
  | { readonly f: 'increment'; readonly key: string; readonly by: number }
  /** Puts into a set, and takes out of it. */
  | { readonly f: 'insert'; readonly key: string; readonly value: Json }
  | { readonly f: 'remove'; readonly key: string; readonly value: Json }
  /** A lock has one owner, who alone can release it. */
  | { readonly f: 'acquire'; readonly key: string; readonly owner: Json }
  | { readonly f: 'release'; readonly key: string; readonly owner: Json };

/** Every `f`. The place in the list is the byte on disk: only ever add at the end. */
export const OPERATIONS: readonly Operation['f'][] = [
  'read',
  'write',
  'cas',
  'concat',
  'push',
  'shift',
  'increment',
  'insert',
  'remove',
  'acquire',
  'release',
];

export const READ_MODES = ['read-index', 'lease', 'leader', 'local', 'log'] as const;

export type Request =
  | { readonly kind: 'openSession'; readonly attempt: number }
  | { readonly kind: 'closeSession'; readonly attempt: number; readonly session: number }
  /** Whatever changes something, exactly once by (session, sequence). Sequence numbers start at 1. */
  | {
      readonly kind: 'command';
      readonly attempt: number;
      readonly session: number;
      readonly sequence: number;
      readonly operation: Operation;
    }
  | {
      readonly kind: 'read';
      readonly attempt: number;
      readonly mode: (typeof READ_MODES)[number];
      readonly key: string;
    }
  /** Who is to take part from now on, with host:port by id. Asked of the leader by whoever runs the cluster; the result is null. */
  | {
      readonly kind: 'changeMembers';
      readonly attempt: number;
      readonly voters: readonly string[];
      readonly learners: readonly string[];
      readonly addresses: Readonly<Record<string, string>>;
    }
  /**
   * Hand the leadership to `target` (thesis 3.10). Asked of the leader; the result is `stepped-down`, and who leads then an election
   * decides, or `timed-out`, and it goes on. Refused as `malformed` where the target has no vote, as `not-ready` during another transfer.
   */
  | { readonly kind: 'transferLeadership'; readonly attempt: number; readonly target: string };

/** Why a request was refused. The last two answer a `changeMembers` only. */
export type ClientRefusal = (typeof REFUSALS)[number];

export const REFUSALS = [
  'not-leader',
  'not-ready',
  'unsupported',
  'malformed',
  'session-expired',
  'change-pending',
  'not-caught-up',
] as const;

/** `refused`: proven without effect *by this attempt*. `unknown`: may yet take effect. */
export type Response =
  | { readonly kind: 'sessionOpened'; readonly attempt: number; readonly session: number }
  | {
      readonly kind: 'result';
      readonly attempt: number;
      /** Read: the value. Write: null. Cas: true or false. The others: `src/kv/objects.ts`. */
      readonly output: Json;
      readonly node: string;
      readonly term: number;
      /** The applied index that the answer reflects. */
      readonly applied: number;
    }
  | {
      readonly kind: 'refused';
      readonly attempt: number;
      readonly reason: ClientRefusal;
      readonly leader: string | null;
      readonly node: string;
    }
  | {
      readonly kind: 'unknown';
      readonly attempt: number;
      readonly reason: string;
      readonly leader: string | null;
      readonly node: string;
    };
