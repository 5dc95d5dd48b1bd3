/**
 * The client protocol: a request and its response, one frame each, over one connection that may carry many clients.
 * Every request has a number of its own (`attempt`), so that a late answer to an abandoned attempt is never taken for another's.
 */
import type { Json } from '../base/json.ts';

/** What a session-less or sessioned command does to the map. Keys are strings; values any JSON; a key never written reads null. */
export type Operation =
  | { readonly f: 'read'; readonly key: string }
  | { readonly f: 'write'; readonly key: string; readonly value: Json }
  | { readonly f: 'cas'; readonly key: string; readonly from: Json; readonly to: Json };

export type Request =
  | { readonly kind: 'openSession'; readonly attempt: number }
  | { readonly kind: 'closeSession'; readonly attempt: number; readonly session: number }
  /** A write or cas, exactly once by (session, sequence). Sequence numbers start at 1. */
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
      readonly mode: 'read-index' | 'lease' | 'leader' | 'local' | 'log';
      readonly key: string;
    };

/** `refused` with `not-leader`, `not-ready`, `unsupported`, `malformed`, `session-expired`: proven without effect *by this attempt*. `unknown`: may yet take effect. */
export type Response =
  | { readonly kind: 'sessionOpened'; readonly attempt: number; readonly session: number }
  | {
      readonly kind: 'result';
      readonly attempt: number;
      /** Read: the value. Write: null. Cas: true or false. */
      readonly output: Json;
      readonly node: string;
      readonly term: number;
      /** The applied index that the answer reflects. */
      readonly applied: number;
    }
  | {
      readonly kind: 'refused';
      readonly attempt: number;
      readonly reason: 'not-leader' | 'not-ready' | 'unsupported' | 'malformed' | 'session-expired';
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
