/** Front door of the invariants. */
export { Invariants, type BrokenInvariant } from './invariants.ts';
export { livenessOf, type Liveness } from './liveness.ts';
