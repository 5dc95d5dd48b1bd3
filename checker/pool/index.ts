/** The front door of the worker pool: `check`, with the keys of a history spread over threads. For Node only. */
export { checkParallel, type ParallelOptions } from './check-parallel.ts';
export type { ModelReference } from '../model/named.ts';
export type { Progress } from './task.ts';
