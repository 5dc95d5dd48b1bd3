/** `stalemate list`: the runs in a results folder, newest first. */
import { listRuns, type ListedRun } from '../store/index.ts';
import { defineCommand, screenFor, text, type Command, type Given } from './command.ts';

const SYMBOLS = { linearizable: '✓', 'not-linearizable': '✕', unknown: '?' } as const;

/** The list command. */
export const listCommand: Command = defineCommand({
  command: 'list',
  describe: 'runs under results/, newest first, with verdicts',
  flags: {
    out: { type: 'string', default: 'results', describe: 'the folder' },
    json: { type: 'boolean', describe: 'one document on standard output' },
  },
  examples: [['$0 list', 'what was run so far']],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const runs = listRuns(text(given, 'out') ?? 'results');
  if (runs.length === 0) screen.say('no runs yet: stalemate run makes one');
  for (const run of runs) screen.say(lineOf(run));
  screen.document({
    runs: runs.map(({ folder, run, result }) => ({ run: run.run, path: folder.path, command: run.command, result })),
  });
  return 0;
}

function lineOf({ run, result }: ListedRun): string {
  const { plan } = run;
  const asked = `${plan.workload}, ${plan.reads} reads, ${plan.requested.map(({ kind }) => kind).join('+') || 'no faults'}`;
  if (result === null) return `  …  ${run.run}  ${asked}: not finished`;
  const found =
    result.anomalyCount > 0 ? `, ${result.anomalyCount} anomalies` : (result.reason ?? '') && `, ${result.reason}`;
  return `  ${SYMBOLS[result.verdict]}  ${run.run}  ${asked}: ${result.ops.ok} ok operations${found}`;
}
