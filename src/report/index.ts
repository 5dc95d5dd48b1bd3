/** Front door of the report room. */
export { plural } from './format.ts';
export { renderCheckReport, renderReport, type ReportData } from './report.ts';
export { progressLine, summary } from './terminal.ts';
