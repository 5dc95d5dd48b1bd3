/** The line of a history file is described in `jsonl-line.ts`; this name is the one that `index.ts` knows it by. */
export type { HistoryLine } from './jsonl-line.ts';
