/**
 * The front door of the checker, a library without dependencies: history in, verdict with its proof out. `README.md` beside
 * this file is the manual.
 */
export { check, DEFAULT_BUDGET } from './check.ts';
export { explanationLines, type Judgement } from './explain/message.ts';
export { NotWritable } from './history/edn-values.ts';
export { writeEdn, type Bystander, type EdnOptions, type EdnText } from './history/edn-writer.ts';
export { HistoryError } from './history/error.ts';
export { formats, recogniseFormat, type Format } from './history/format.ts';
export { readJsonl, writeJsonl } from './history/jsonl.ts';
export type { HistoryLine } from './history/jsonl-line.ts';
export type { Call, FailedOperation, History, Json, Nanos, Operation, Outcome } from './history/operation.ts';
export { historyReader, readHistory, type ReaderOptions } from './history/reader.ts';
export type { HistoryReader } from './history/reading.ts';
export { verify } from './linear/verify.ts';
export { guessModel, type Guess } from './model/guess.ts';
export {
  ModelError,
  REJECTED,
  UNSEEN,
  type CollectionAction,
  type CollectionOrder,
  type Model,
  type RegisterAction,
  type RegisterWords,
} from './model/model.ts';
export { modelNamed, modelNames, models, type ModelOptions } from './model/named.ts';
export { nondeterministic, type NondeterministicObject } from './model/nondeterministic.ts';
export { casRegister, register, registers, type RegisterOptions } from './model/registers.ts';
export { RecorderError } from './record/error.ts';
export { notApplied, NotApplied } from './record/outcome.ts';
export {
  MOST_CLIENTS,
  recorder,
  Recorder,
  type Answerer,
  type Asked,
  type RecorderOptions,
  type RecordingClient,
} from './record/recorder.ts';
export { staleness, type PartStaleness, type ReadStaleness } from './staleness/staleness.ts';
export { stalenessSummary, type PartSummary, type StalenessSummary } from './staleness/summary.ts';
export type {
  Anomaly,
  AnomalyClass,
  Budget,
  Counterexample,
  MinimalOperation,
  PartResult,
  Verdict,
} from './verdict/verdict.ts';
export type { Guarantee, PromiseName } from './weaker/guarantee.ts';
export { promises, PROMISE_BUDGET, type PromiseOptions, type Promises } from './weaker/promises.ts';
