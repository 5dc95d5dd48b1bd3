/** Front door of campaigns: a file to cells and runs, runs to what became of them. Pure. */
export { readDocument, type CampaignDocument } from './document.ts';
export { cellsOf, parseShard, runsOf, shardOf, type PlannedRun } from './matrix.ts';
export { byWeight, cellResults, exitOf, isSurprise, isUnknown, isViolation } from './outcome.ts';
