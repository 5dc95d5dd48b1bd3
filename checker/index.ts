/**
 * The front door of the checker, a library without dependencies: history in, verdict with its proof out.
 * (Types first; the engine's exports follow as it is built.)
 */
export type { Call, FailedOperation, History, Json, Nanos, Operation, Outcome } from './history/operation.ts';
export { REJECTED, UNSEEN, type Model } from './model/model.ts';
export type {
  Anomaly,
  AnomalyClass,
  Budget,
  Counterexample,
  MinimalOperation,
  PartResult,
  Verdict,
} from './verdict/verdict.ts';
