/** Front door of the invariants. */
export type { BrokenInvariant } from './broken.ts';
export { Invariants } from './invariants.ts';
export { livenessOf, type Liveness } from './liveness.ts';
