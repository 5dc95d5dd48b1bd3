/** Front door of the report room. */
export { renderCheckReport, renderReport, type ReportData } from './report.ts';
export { progressLine, summary } from './terminal.ts';
