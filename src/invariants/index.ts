/** Front door of the invariants. */
export { Invariants, type BrokenInvariant } from './invariants.ts';
export { livenessOf } from './liveness.ts';
