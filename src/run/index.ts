/** Front door of the run: flags to a plan, a plan carried out, its files judged. */
export { carryOver } from './carry-over.ts';
export { commandFor, commandForPlan } from './command.ts';
export { evaluate } from './evaluate.ts';
export { makePlan, mutantNamed, PLAN_DEFAULTS, seedNamed, type PlanFlags } from './plan.ts';
export { isLinearizable, isReadMode, RAFT_READS, readModes } from './read-modes.ts';
export { asRecorded, Recorder } from './recorder.ts';
export { executeRun, type Progress, type RunOutcome } from './run.ts';
