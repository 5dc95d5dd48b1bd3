/** `stalemate check`: decides histories that were recorded before, by this tool or by others. */
import { guessModel, ModelError, promises, stalenessSummary, writeJsonl } from '../../checker/index.ts';
import type { Call, History, Json, Model, Verdict } from '../../checker/index.ts';
import { checkParallel } from '../../checker/pool/index.ts';
import { StalemateError } from '../base/errors.ts';
import { writeWhole } from '../store/index.ts';
import { CHECK_FLAGS, checkOptionsOf, modelOf, type CheckOptions } from './check-options.ts';
import { progressLine, verdictLines, type Checked } from './check-words.ts';
import { defineCommand, isOn, screenFor, text, type Command, type Given } from './command.ts';
import { readHistoryFile, readHistoryFromInput } from './history-file.ts';
import { STANDARD_INPUT } from './standard-input.ts';
import { VERSION } from './version.ts';

const EXIT = { ok: 0, violation: 1, unknown: 2 } as const;
/** Of several files the worst decides: a violation, then an unknown. */
const WORST = ['violation', 'unknown', 'ok'] as const;

/** The check command. */
export const checkCommand: Command = defineCommand({
  command: 'check <files..>',
  describe: 'decide recorded histories of any known format (- for standard input)',
  positional: { name: 'files', describe: 'history files', array: true },
  flags: CHECK_FLAGS,
  examples: [
    ['$0 check results/latest/history.jsonl', 'decide the last run again'],
    ['$0 check history.edn --model cas-register --initial 0', 'what Jepsen recorded'],
    ['$0 check --json - < history.jsonl', 'from standard input'],
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const files = (given['files'] as readonly unknown[]).map(String);
  const single = ['report', 'minimal'].find((name) => text(given, name) !== undefined);
  if (single !== undefined && files.length > 1)
    throw new StalemateError(
      'usage',
      `--${single} is about one file, and ${files.length} are given`,
      'check them one by one',
    );
  const options = checkOptionsOf(given);
  const checked: Checked[] = [];
  for (const file of files) {
    const one = await decide(file, options, isOn(given, 'staleness'));
    checked.push(one);
    for (const line of verdictLines(one, files.length > 1)) screen.say(line);
  }
  await writeFiles(given, checked[0]!);
  screen.document(
    files.length === 1
      ? documentOf(checked[0]!)
      : { verdict: worst(checked), files: checked.map((it) => ({ file: it.file, ...documentOf(it) })) },
  );
  return EXIT[worst(checked)];
}

async function decide(file: string, options: CheckOptions, withStaleness: boolean): Promise<Checked> {
  const { format, clients } = options;
  const reading = { format, ...(clients === undefined ? {} : { clients }) };
  const history = file === STANDARD_INPUT ? await readHistoryFromInput(reading) : readHistoryFile(file, reading);
  const { model, chosen } = modelFor(history, file, options);
  const beganMs = performance.now();
  const progress = progressLine();
  try {
    const { budget, jobs, all, maxResidentBytes } = options;
    const verdict = await checkParallel(history, model, {
      budget,
      jobs,
      all,
      maxResidentBytes,
      onProgress: progress.told,
    });
    const seconds = (performance.now() - beganMs) / 1000;
    return {
      file,
      history,
      model,
      chosen,
      verdict,
      promises: verdict.kind === 'violation' ? promises(history, model, { linearizable: verdict.kind }) : undefined,
      staleness: withStaleness ? stalenessSummary(history, model) : undefined,
      seconds,
    };
  } catch (error) {
    // An operation that the model does not know is the user's mistake, in the file or in --model.
    if (!(error instanceof ModelError)) throw error;
    throw new StalemateError('usage', `${file}: ${error.message}`, 'name another model with --model');
  } finally {
    progress.end();
  }
}

function modelFor(
  history: History,
  file: string,
  { model, initial }: CheckOptions,
): { readonly model: Model<Json, Call, Json>; readonly chosen: string } {
  if (model !== undefined) return { model, chosen: 'as told' };
  const guess = guessModel(history);
  if (guess.model === undefined)
    throw new StalemateError('usage', `${file}: ${guess.reason}`, 'name a model with --model');
  const guessed = initial === undefined ? guess.model : modelOf(guess.model.name, initial)!;
  return { model: guessed, chosen: `guessed: ${guess.reason}` };
}

function worst(checked: readonly Checked[]): Verdict['kind'] {
  return WORST.find((kind) => checked.some(({ verdict }) => verdict.kind === kind)) ?? 'ok';
}

function documentOf({ history, model, chosen, verdict, promises: kept, staleness, seconds }: Checked): object {
  return {
    verdict: verdict.kind,
    model: `${model.name} (${chosen})`,
    operations: verdict.operations,
    keys: verdict.keys,
    decided: verdict.parts.filter(({ kind }) => kind !== 'unknown').length,
    parts: verdict.parts,
    anomalies: verdict.anomalies,
    ...(kept === undefined ? {} : { promises: kept }),
    ...(staleness === undefined ? {} : { staleness }),
    ...(history.untimed === true ? { untimed: true } : {}),
    warnings: history.warnings,
    seconds,
  };
}

async function writeFiles(given: Given, checked: Checked): Promise<void> {
  const report = text(given, 'report');
  const minimal = text(given, 'minimal');
  const first = checked.verdict.anomalies[0];
  if (report !== undefined) {
    // Loaded only here: the page is more than the rest of the command.
    const { agesOf, renderCheckReport } = await import('../report/index.ts');
    const { verdict, history, file, model } = checked;
    const command = `npx stalemate check ${file}`;
    write(
      report,
      renderCheckReport({ verdict, history, ages: agesOf(history, model), name: file, command, version: VERSION }),
    );
  }
  if (minimal !== undefined && first !== undefined) write(minimal, writeJsonl(first.minimal));
}

function write(path: string, content: string): void {
  try {
    writeWhole(path, content);
  } catch (error) {
    throw new StalemateError(
      'usage',
      `${path}: cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      'choose another place',
    );
  }
}
