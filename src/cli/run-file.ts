/** What run.json says of a run that begins. */
import { cpus } from 'node:os';
import { relative } from 'node:path';
import type { Plan, RunFile, RunResult, SystemFacts } from '../contract/index.ts';
import { commandFor, commandForPlan } from '../run/index.ts';
import type { RunFolder } from '../store/index.ts';
import { VERSION } from './version.ts';

export function runFileOf(
  folder: RunFolder,
  plan: Plan,
  asked: {
    readonly expected: RunResult['expected'];
    readonly isFromFlags: boolean;
    /** Of a system that is not the bundled one. */
    readonly foreign?: SystemFacts | undefined;
  },
): RunFile {
  const { expected, isFromFlags, foreign } = asked;
  return {
    format: 1,
    run: folder.name,
    plan,
    expected,
    command: isFromFlags ? commandFor(plan, expected) : commandForPlan(relative('.', folder.path), plan, expected),
    startedMs: Date.now(),
    system: { name: foreign?.name ?? nameOf(plan), version: foreign?.version ?? VERSION, nodes: plan.nodes },
    machine: { node: process.version, platform: `${process.platform} ${process.arch}`, cpus: cpus().length },
    ended: null,
  };
}

function nameOf({ mutant, world }: Plan): string {
  const what = [world === undefined ? '' : 'simulated', mutant === null ? '' : `mutant ${mutant}`].filter(Boolean);
  return what.length === 0 ? 'stalemate-raft' : `stalemate-raft (${what.join(', ')})`;
}
