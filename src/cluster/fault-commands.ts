/**
 * Faults by commands of whoever runs a cluster that is not ours to start: `pause='docker pause {node}' heal='docker unpause {node}'`. Each is
 * run by the shell, and has to end with 0; what it printed is kept.
 */
import { appendFileSync } from 'node:fs';
import { execa } from 'execa';
import { StalemateError } from '../base/errors.ts';

/** What can be had by commands: of a node (`{node}`, `{host}`, `{port}`), or of a directed link (`{from}`, `{to}`; `{ms}` of a slow one). */
export type CommandedKind = 'pause' | 'kill' | 'cut' | 'slow';

/** The harm and its cure. */
export interface FaultCommand {
  readonly kind: CommandedKind;
  readonly harm: string;
  readonly heal: string;
}

/** What stands for `{name}` in a command. */
export type Placeholders = Readonly<Record<string, string>>;

const TIMEOUT_MS = 30_000;
const PLACEHOLDER = /\{(\w+)\}/g;

/** The placeholders that a command of that kind may have. */
export const PLACEHOLDERS: Readonly<Record<CommandedKind, readonly string[]>> = {
  pause: ['node', 'host', 'port'],
  kill: ['node', 'host', 'port'],
  cut: ['from', 'to'],
  slow: ['from', 'to', 'ms'],
};

/** The names of the placeholders in a command. */
export function placeholdersIn(command: string): readonly string[] {
  return [...command.matchAll(PLACEHOLDER)].map(([, name]) => name!);
}

/** Does the harm. Where that fails nobody knows how much of it was done, so it is cured before the failure is told. */
export async function runOrUndo(
  { harm, heal }: Pick<FaultCommand, 'harm' | 'heal'>,
  placeholders: Placeholders,
  logPath: string,
): Promise<string> {
  try {
    return await runFaultCommand(harm, placeholders, logPath);
  } catch (error) {
    await runFaultCommand(heal, placeholders, logPath).catch((second: unknown) => {
      throw new StalemateError('failed', `${(error as Error).message}; and then ${(second as Error).message}`);
    });
    throw error;
  }
}

/** Runs it, and resolves to what was run. Throws a StalemateError where it does not end with 0 in time. */
export async function runFaultCommand(template: string, placeholders: Placeholders, logPath: string): Promise<string> {
  const command = template.replace(PLACEHOLDER, (whole, name: string) => placeholders[name] ?? whole);
  const result = await execa('/bin/sh', ['-c', command], {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: TIMEOUT_MS,
    forceKillAfterDelay: 1000,
  });
  const output = result.all ?? '';
  const how = result.timedOut
    ? `took more than ${TIMEOUT_MS / 1000} s`
    : `ended with ${result.exitCode ?? result.signal}`;
  appendFileSync(logPath, `$ ${command}\n${output}${output === '' ? '' : '\n'}(${how})\n`);
  if (result.exitCode === 0) return command;
  const last = output.trim().split('\n').at(-1) ?? '';
  throw new StalemateError('failed', `${command}: ${how}${last === '' ? '' : `: ${last.slice(0, 200)}`}`);
}
