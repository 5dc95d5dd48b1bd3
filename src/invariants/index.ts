/** Front door of the invariants. */
export { Invariants, type BrokenInvariant } from './invariants.ts';
export { livenessOf, type Liveness, type LivenessWindow } from './liveness.ts';
