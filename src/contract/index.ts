/** Front door of the contract room: types only. */
export type * from './adapter.ts';
export type * from './answers.ts';
export type * from './campaign.ts';
export type * from './cluster.ts';
export type * from './fault.ts';
export type * from './names.ts';
export type * from './plan.ts';
export type * from './probe.ts';
export type * from './record.ts';
export type * from './result.ts';
export type * from './run-file.ts';
export type * from './simulated.ts';
export type * from './system-facts.ts';
export type * from './system.ts';
