/** Writes down a run that is over, as one that goes on writes itself down. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultLine, HistoryLine, Probe, RunFile } from '../contract/index.ts';
import { writeJson, writeWhole, type RunFolder } from '../store/index.ts';

/** run.json, history, faults, and the probes of each node. */
export function writeRecorded(
  folder: RunFolder,
  run: RunFile,
  it: {
    readonly history: readonly HistoryLine[];
    readonly faults: readonly FaultLine[];
    /** Null where the nodes have written them themselves. */
    readonly probes: readonly Probe[] | null;
  },
): void {
  const lines = (all: readonly object[]): string => all.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeJson(folder.run, run);
  writeWhole(folder.history, lines(it.history));
  writeWhole(folder.faults, lines(it.faults));
  for (const node of new Set(it.probes?.map((probe) => probe.node))) {
    mkdirSync(join(folder.nodes, node), { recursive: true });
    writeWhole(join(folder.nodes, node, 'probes.jsonl'), lines(it.probes!.filter((probe) => probe.node === node)));
  }
}
