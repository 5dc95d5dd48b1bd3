/** Front door of the report room. */
export { type CheckReportData, renderCheckReport, renderReport, type ReportData } from './report.ts';
export { progressLine, summary, type Progress, type SummaryOptions } from './terminal.ts';
