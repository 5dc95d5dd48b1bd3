/** `stalemate check`: decides histories that were recorded before, by this tool or by others. */
import {
  check,
  DEFAULT_BUDGET,
  guessModel,
  ModelError,
  models,
  writeJsonl,
  type Anomaly,
  type Budget,
  type Call,
  type History,
  type Json,
  type Model,
  type Verdict,
} from '../../checker/index.ts';
import { StalemateError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { renderCheckReport } from '../report/index.ts';
import { writeWhole } from '../store/index.ts';
import { defineCommand, screenFor, text, type Command, type Given, type Screen } from './command.ts';
import { readHistory, readHistoryFromInput, STANDARD_INPUT } from './judge.ts';
import { VERSION } from './version.ts';

const MODELS = [...models.values()];
const EXIT = { ok: 0, violation: 1, unknown: 2 } as const;
/** Of several files the worst decides: a violation, then an unknown. */
const WORST = ['violation', 'unknown', 'ok'] as const;
const LONGEST_MINIMAL = 12;

/** The check command. */
export const checkCommand: Command = defineCommand({
  command: 'check <files..>',
  describe: 'decide recorded histories (history.jsonl; - for standard input)',
  positional: { name: 'files', describe: 'history files', array: true },
  flags: {
    model: {
      type: 'string',
      describe: `${MODELS.map(({ name }) => name).join(' or ')} (default: guessed from the operations, and said)`,
    },
    clients: { type: 'string', describe: 'number of clients, so that they are named as process mod clients' },
    'max-steps': {
      type: 'string',
      describe: `steps for each key before the verdict is unknown (default ${DEFAULT_BUDGET.maxSteps})`,
    },
    report: { type: 'string', describe: 'write a page about the (only) file here' },
    minimal: { type: 'string', describe: 'write the shortest history of the first anomaly here' },
    json: { type: 'boolean', describe: 'one document on standard output, words on standard error' },
  },
  examples: [
    ['$0 check results/latest/history.jsonl', 'decide the last run again'],
    ['$0 check --json - < history.jsonl', 'from standard input'],
  ],
  perform,
});

/** One decided file. */
interface Checked {
  readonly file: string;
  readonly history: History;
  readonly model: string;
  readonly verdict: Verdict;
  readonly seconds: number;
}

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
  const options = optionsOf(given);
  const checked: Checked[] = [];
  for (const file of files) {
    const one = await decide(file, given, options);
    checked.push(one);
    tell(screen, one, files.length);
  }
  writeFiles(given, checked[0]!);
  screen.document(
    files.length === 1
      ? documentOf(checked[0]!)
      : { verdict: worst(checked), files: checked.map((it) => ({ file: it.file, ...documentOf(it) })) },
  );
  return EXIT[worst(checked)];
}

interface CheckOptions {
  readonly budget: Budget;
  readonly clients: number | undefined;
}

function optionsOf(given: Given): CheckOptions {
  const maxSteps = wholeNumber(given, 'max-steps');
  return {
    budget: maxSteps === undefined ? DEFAULT_BUDGET : { ...DEFAULT_BUDGET, maxSteps },
    clients: wholeNumber(given, 'clients'),
  };
}

function wholeNumber(given: Given, name: string): number | undefined {
  const word = text(given, name);
  if (word === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(word))
    throw new StalemateError('usage', `--${name} ${word}: not a whole number above 0`, 'see stalemate check --help');
  return Number(word);
}

async function decide(file: string, given: Given, { budget, clients }: CheckOptions): Promise<Checked> {
  const named = clients === undefined ? {} : { clients };
  const history = file === STANDARD_INPUT ? await readHistoryFromInput(named) : readHistory(file, named);
  const { model, said } = modelFor(given, history, file);
  const beganMs = performance.now();
  const verdict = checked(() => check(history, model, budget), file);
  return { file, history, model: `${model.name} (${said})`, verdict, seconds: (performance.now() - beganMs) / 1000 };
}

/** An operation that the model does not know is the user's mistake, in the file or in --model. */
function checked(decideIt: () => Verdict, file: string): Verdict {
  try {
    return decideIt();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new StalemateError('usage', `${file}: ${error.message}`, 'name another model with --model');
  }
}

function modelFor(
  given: Given,
  history: History,
  file: string,
): { readonly model: Model<Json, Call, Json>; readonly said: string } {
  const name = text(given, 'model');
  if (name === undefined) {
    const guess = guessModel(history);
    if (guess.model === undefined)
      throw new StalemateError(
        'usage',
        `${file}: ${guess.reason}`,
        `name one with --model: ${MODELS.map((it) => it.name).join(', ')}`,
      );
    return { model: guess.model, said: `guessed: ${guess.reason}` };
  }
  const found = MODELS.find((it) => it.name === name);
  if (found !== undefined) return { model: found, said: 'as told' };
  const names = MODELS.map((it) => it.name);
  const near = suggest(name, names);
  throw new StalemateError(
    'usage',
    `--model ${name}: no such model`,
    near === null ? `one of ${names.join(', ')}` : `did you mean ${near}?`,
  );
}

function worst(checked: readonly Checked[]): Verdict['kind'] {
  return WORST.find((kind) => checked.some(({ verdict }) => verdict.kind === kind)) ?? 'ok';
}

function documentOf({ model, verdict, seconds }: Checked): object {
  return {
    verdict: verdict.kind,
    model,
    operations: verdict.operations,
    parts: verdict.parts,
    anomalies: verdict.anomalies,
    seconds,
  };
}

const SYMBOLS = { ok: '✓ linearizable', violation: '✕ not linearizable', unknown: '? unknown' } as const;

function tell(screen: Screen, { file, history, model, verdict, seconds }: Checked, files: number): void {
  const about = `${verdict.operations} operations on ${verdict.parts.length} ${verdict.parts.length === 1 ? 'key' : 'keys'}, ${model}, ${seconds.toFixed(2)} s`;
  screen.say(`${SYMBOLS[verdict.kind]}  ${files === 1 ? '' : `${file}: `}${about}`);
  for (const warning of history.warnings) screen.say(`  note: ${warning}`);
  for (const part of verdict.parts) {
    if (part.kind === 'unknown') screen.say(`  ${part.part}: stopped by its budget of ${part.limit}: ${part.progress}`);
  }
  const [first, ...more] = verdict.anomalies;
  if (first === undefined) return;
  screen.say(`\n  ${first.sentence}\n`);
  for (const line of minimalLines(first)) screen.say(line);
  if (more.length > 0) screen.say(`\n  and ${more.length} more; --json has them all`);
}

function minimalLines({ minimal }: Anomaly): string[] {
  const shown = minimal.slice(0, LONGEST_MINIMAL).map(({ operation, as, why }) => {
    const { f, key, value } = as ?? operation.input;
    const answer =
      f === 'read' && operation.outcome.kind === 'ok' ? ` → ${JSON.stringify(operation.outcome.output)}` : '';
    return `    process ${operation.process}  ${f} ${key ?? ''}${f === 'read' ? '' : ` ${JSON.stringify(value)}`}${answer}   ${why}`;
  });
  return minimal.length > LONGEST_MINIMAL ? [...shown, `    and ${minimal.length - LONGEST_MINIMAL} more`] : shown;
}

function writeFiles(given: Given, checked: Checked): void {
  const report = text(given, 'report');
  const minimal = text(given, 'minimal');
  const first = checked.verdict.anomalies[0];
  if (report !== undefined)
    write(
      report,
      renderCheckReport({
        ...checked,
        name: checked.file,
        command: `npx stalemate check ${checked.file}`,
        version: VERSION,
      }),
    );
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
