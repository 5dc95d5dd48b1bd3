/** Front door of the invariants. */
export { Invariants, type BrokenInvariant, type InvariantName } from './invariants.ts';
