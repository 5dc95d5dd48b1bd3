/** Front door of the run: flags to a plan, a plan carried out, its files judged. */
export { commandFor } from './command.ts';
export { evaluate } from './evaluate.ts';
export { makePlan, PLAN_DEFAULTS, type PlanFlags } from './plan.ts';
export { isLinearizable } from './read-modes.ts';
export { executeRun, type RunOutcome } from './run.ts';
