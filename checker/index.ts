/**
 * The front door of the checker, a library without dependencies: history in, verdict with its proof out. `README.md` beside
 * this file is the manual.
 */
export type { HistoryLine } from './history/pair.ts';
export { check, DEFAULT_BUDGET } from './check.ts';
export { HistoryError } from './history/error.ts';
export { readJsonl, writeJsonl } from './history/jsonl.ts';
export type { Call, FailedOperation, History, Json, Nanos, Operation, Outcome } from './history/operation.ts';
export { verify } from './linear/verify.ts';
export { guessModel, models, type Guess } from './model/guess.ts';
export { ModelError, REJECTED, UNSEEN, type Model, type RegisterAction } from './model/model.ts';
export { casRegister, register } from './model/registers.ts';
export { staleness, type PartStaleness, type ReadStaleness } from './staleness/staleness.ts';
export type {
  Anomaly,
  AnomalyClass,
  Budget,
  Counterexample,
  MinimalOperation,
  PartResult,
  Verdict,
} from './verdict/verdict.ts';
