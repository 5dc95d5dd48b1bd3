/** Front door of the store: the layout of results/, writing it and reading it back. */
export {
  listRuns,
  nodeFolder,
  openSink,
  readFaults,
  readProbes,
  readResult,
  readRunFile,
  writeJson,
  writeWhole,
  type ListedRun,
} from './files.ts';
export { createRunFolder, pointLatestAt, runFolder, type RunFolder } from './folder.ts';
