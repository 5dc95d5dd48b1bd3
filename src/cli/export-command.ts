/** `stalemate export`: a run, or any history that `check` reads, in the words of another tool. */
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { NotWritable, writeEdn, type Bystander, type EdnText, type History } from '../../checker/index.ts';
import { StalemateError } from '../base/errors.ts';
import type { FaultLine } from '../contract/index.ts';
import { readFaults, readRunFile, runFolder } from '../store/index.ts';
import { defineCommand, isOn, text, type Command, type Given } from './command.ts';
import { readHistoryFile, readHistoryFromInput } from './history-file.ts';
import { STANDARD_INPUT } from './standard-input.ts';

/** The export command. */
export const exportCommand: Command = defineCommand({
  command: 'export <history>',
  describe: 'write a run, or a history of any known format, as a history of Jepsen',
  positional: {
    name: 'history',
    describe: "a run's folder or name, latest, a file, - for standard input",
    array: false,
  },
  flags: {
    format: { type: 'string', default: 'edn', describe: 'edn, what Jepsen and Knossos read' },
    null: {
      type: 'string',
      default: ':null',
      describe: 'the element that stands for null in registers; nil loses what was seen of it',
    },
    out: { type: 'string', describe: 'a file (default: standard output, and words on standard error)' },
    json: { type: 'boolean', describe: 'with --out: one document about it on standard output' },
  },
  examples: [
    ['$0 export latest > history.edn', 'the last run'],
    ['$0 export history.jsonl --null -1 --out history.edn', 'null as a number'],
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  requireEdn(text(given, 'format') ?? 'edn');
  const out = text(given, 'out');
  if (out === undefined && isOn(given, 'json'))
    throw new StalemateError('usage', '--json needs --out', 'standard output is the history without it');
  const name = text(given, 'history')!;
  const { history, file, bystanders } = await sourceOf(name);
  const written = refusing(file, () => {
    const sentinel = text(given, 'null');
    return writeEdn(history, { name: file, bystanders, ...(sentinel !== undefined && { sentinel }) });
  });
  if (out === undefined) await toOutput(written, file);
  else toFile(written, file, out);
  for (const words of [...history.warnings, ...written.notes]) process.stderr.write(`${words}\n`);
  if (isOn(given, 'json')) process.stdout.write(`${JSON.stringify(documentOf(history, written, out!))}\n`);
  return 0;
}

function requireEdn(format: string): void {
  if (format === 'edn') return;
  throw new StalemateError('usage', `--format ${format}: not written by export`, 'edn is');
}

interface Source {
  readonly history: History;
  /** How messages name it. */
  readonly file: string;
  readonly bystanders: readonly Bystander[];
}

async function sourceOf(name: string): Promise<Source> {
  if (name === STANDARD_INPUT) {
    return { history: await readHistoryFromInput(), file: 'standard input', bystanders: [] };
  }
  const path = [name, join('results', name)].find((it) => existsSync(join(it, 'run.json')));
  if (path !== undefined) return sourceOfRun(path);
  return { history: readHistoryFile(name), file: name, bystanders: [] };
}

function sourceOfRun(path: string): Source {
  const folder = runFolder(path);
  const { plan, run } = readRunFile(folder);
  return {
    history: readHistoryFile(folder.history, { format: 'jsonl', clients: plan.clients }),
    file: run,
    bystanders: readFaults(folder).flatMap(bystanderOf),
  };
}

/** As Jepsen's nemesis tells of what it did. */
function bystanderOf(line: FaultLine, _i: number, lines: readonly FaultLine[]): readonly Bystander[] {
  if (line.event === 'skip') return [];
  const begun = lines.find((it) => it.event === 'inject' && it.id === line.id);
  const { time: timeNs } = line;
  if (line.event === 'inject')
    return [{ timeNs, process: 'nemesis', f: `start-${line.kind}`, value: { nodes: line.nodes, about: line.about } }];
  const kind = begun?.event === 'inject' ? begun.kind : 'fault';
  return [{ timeNs, process: 'nemesis', f: `stop-${kind}`, value: { effective: line.effective } }];
}

/** As text leaves, so that a history of gigabytes is never one; ends early where nobody reads any more. */
async function toOutput({ pieces }: EdnText, file: string): Promise<void> {
  const { stdout } = process;
  const all = pieces[Symbol.iterator]();
  for (let next = refusing(file, () => all.next()); next.done !== true; next = refusing(file, () => all.next())) {
    if (stdout.write(next.value)) continue;
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        for (const event of ['drain', 'error', 'close']) stdout.off(event, goOn);
        resolve();
      };
      for (const event of ['drain', 'error', 'close']) stdout.on(event, goOn);
    });
    if (!stdout.writable) return;
  }
}

/** Whole or not at all. */
function toFile({ pieces }: EdnText, file: string, out: string): void {
  const next = `${out}.next`;
  try {
    const descriptor = openSync(next, 'w');
    try {
      refusing(file, () => {
        for (const piece of pieces) writeFully(descriptor, piece);
      });
    } finally {
      closeSync(descriptor);
    }
    renameSync(next, out);
  } catch (error) {
    rmSync(next, { force: true });
    if (error instanceof StalemateError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StalemateError('usage', `--out ${out}: cannot be written (${code})`, 'choose another place');
  }
}

/** A disk that is filling up takes a part first, then refuses. */
function writeFully(descriptor: number, piece: string): void {
  const bytes = Buffer.from(piece);
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}

function refusing<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NotWritable)) throw error;
    throw new StalemateError('usage', `${file}: ${error.message}`, 'another --null, or see checker/README.md');
  }
}

function documentOf(history: History, { lost, notes, initial }: EdnText, out: string): object {
  return {
    file: out,
    format: 'edn',
    operations: history.operations.length + history.failed.length,
    lost,
    notes,
    warnings: history.warnings,
    ...(initial !== undefined && { initial }),
  };
}
