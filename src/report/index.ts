/** Front door of the report room. */
export { renderAnswers } from './answers-page.ts';
export { answersSummary } from './answers-terminal.ts';
export { campaignPage } from './campaign-page.ts';
export { comparePage, type ComparedRun } from './compare-page.ts';
export { runsPage } from './runs-page.ts';
export { headlineOf } from './campaign-words.ts';
export { annotations, stepSummary } from './github.ts';
export { junit } from './junit.ts';
export { plural } from './format.ts';
export { renderCheckReport, renderReport, type ReportData } from './report.ts';
export { liveCountLines, liveRunLines, type NodeRole } from './live.ts';
export { progressLine, summary } from './terminal.ts';
export { anchorOf, campaignRunOf, runForServers } from './run-ci.ts';
export { agesOf } from './whole/ages.ts';
