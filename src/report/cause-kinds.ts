/** What can be said about why a read was stale. */
import type { Operation } from '../../checker/index.ts';

export interface Cause {
  readonly kind:
    | 'replica-behind'
    | 'deposed-leader'
    | 'lost-entry'
    | 'acknowledged-early'
    | 'applied-twice'
    | 'dirty-read'
    | 'went-back'
    | 'unknown';
  /** The short form, to stand out. */
  readonly headline: string;
  /** The evidence, in one sentence. */
  readonly sentence: string;
}

/** Operations by their ids. */
export type Operations = ReadonlyMap<number, Operation>;
