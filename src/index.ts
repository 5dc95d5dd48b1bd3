/** The package's front door: the checker, and the types of plans, histories, probes and results. */
export * from '../checker/index.ts';
export type * from './contract/index.ts';
