/** Front door of the run: flags to a plan, a plan carried out, its files judged. */
export { commandFor } from './command.ts';
export { evaluate, type EvaluateOptions, type Evaluation, type RunRecord } from './evaluate.ts';
export { makePlan, PLAN_DEFAULTS, type PlanFlags, type PlanWorld } from './plan.ts';
export { readModes, type ReadModes } from './read-modes.ts';
export { executeRun, type Progress, type RunOutcome, type World } from './run.ts';
