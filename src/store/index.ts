/** Front door of the store: the layout of results/, writing it and reading it back. */
export {
  listRuns,
  nodeFolder,
  openSink,
  readFaults,
  readJson,
  readResult,
  readRunFile,
  writeJson,
  writeWhole,
  type ListedRun,
} from './files.ts';
export {
  campaignFolder,
  campaignsNamed,
  createCampaignFolder,
  holdCampaign,
  listFolders,
  type ListedFolder,
  type CampaignFile,
  type CampaignFolder,
} from './campaign.ts';
export { openNotesFolder, type NotesFolder } from './notes.ts';
export { openJsonl, readJsonl } from './jsonl.ts';
export { bytesOfProbes, probesOf, readProbes } from './probes.ts';
export { createRunFolder, pointLatestAt, runFolder, type RunFolder } from './folder.ts';
