/** `stalemate notes`: the statements and questions of the notes on Raft, each put to the test, and the page of answers. */
import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import type { Answers, HistoryLine } from '../contract/index.ts';
import { experiments, runNotes, type Experiment, type NotesProgress, type Scale, type Trial } from '../notes/index.ts';
import { MUTANTS } from '../raft/rules.ts';
import { answersSummary, plural, renderAnswers } from '../report/index.ts';
import { mutantNamed, seedNamed } from '../run/index.ts';
import { openJsonl, openNotesFolder, readJsonl, writeJson, writeWhole, type NotesFolder } from '../store/index.ts';
import { defineCommand, isOn, screenFor, text, wholeNumber, type Command, type Given, type Screen } from './command.ts';
import { CountTeller } from './count-teller.ts';
import { listenForInterrupt } from './interrupt.ts';
import { recordReal, writeShown } from './notes-runs.ts';
import { VERSION } from './version.ts';

/** The same simulated numbers for everybody who does not ask for others. */
const SEED = 'raft-notes';
const JOBS_MOST = 256;

/** The notes command. */
export const notesCommand: Command = defineCommand({
  command: 'notes',
  describe: 'the notes on Raft, put to the test: an experiment behind every statement, and a page of answers',
  flags: {
    only: { type: 'string', describe: 'some of them: S20, or S04,S05' },
    quick: { type: 'boolean', describe: 'few runs each, a few minutes in all; said on the page' },
    seed: { type: 'string', default: SEED, describe: 'any string: the same one gives the same simulated numbers' },
    mutant: {
      type: 'string',
      describe: 'puts a broken node in the place of the correct one, to see which answers rest on that rule',
    },
    jobs: { type: 'string', describe: 'threads (default: one a core)' },
    out: { type: 'string', default: 'results', describe: 'folder that gets a folder for the answers' },
    quiet: { type: 'boolean', describe: 'no progress, only the summary' },
    json: { type: 'boolean', describe: 'answers.json on standard output, words on standard error' },
  },
  examples: [
    ['$0 notes --quick', 'all of them in a few minutes'],
    ['$0 notes --only S20', 'is a read from a replica that lags incorrect?'],
    ['$0 notes --quick --only S10 --mutant M30', 'what the answer rests on'],
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const asked = askedOf(given);
  const { folder, isNew, release } = openNotesFolder(text(given, 'out') ?? 'results', {
    name: asked.scale,
    file: { format: 1, digest: digestOf(asked), startedMs: Date.now() },
  });
  const interrupt = listenForInterrupt((line) => screen.say(line));
  try {
    const all = countOf(asked.chosen, asked.scale);
    const words = isNew ? '' : ', going on where it stopped';
    screen.say(`${plural(asked.chosen.length, 'note')}, ${all} runs, seed ${asked.seed}${words}: ${folder.path}`);
    const answers = await measure(asked, folder, { screen, signal: interrupt.signal, given });
    return tell(screen, folder, answers);
  } finally {
    interrupt.dispose();
    release();
  }
}

interface Asked {
  readonly chosen: readonly Experiment[];
  readonly scale: Scale;
  readonly seed: string;
  readonly mutant: string | null;
  readonly jobs: number | undefined;
  readonly command: string;
}

function askedOf(given: Given): Asked {
  const scale = isOn(given, 'quick') ? 'quick' : 'full';
  const seed = seedNamed(text(given, 'seed') ?? SEED);
  const word = text(given, 'mutant');
  const mutant = word === undefined ? null : mutantNamed(word, Object.keys(MUTANTS));
  const only = text(given, 'only');
  const chosen = only === undefined ? experiments : chosenFrom(only);
  const flags = [
    ...(only === undefined ? [] : [`--only ${chosen.map(({ id }) => id).join(',')}`]),
    ...flagsOf({ scale, seed, mutant }),
  ];
  const jobs = wholeNumber(given, 'jobs', JOBS_MOST);
  return { chosen, scale, seed, mutant, jobs, command: ['npx stalemate notes', ...flags].join(' ') };
}

function flagsOf({ scale, seed, mutant }: Pick<Asked, 'scale' | 'seed' | 'mutant'>): readonly string[] {
  const quoted = /^[\w.-]+$/.test(seed) ? seed : `'${seed.replaceAll("'", String.raw`'\''`)}'`;
  return [
    ...(scale === 'quick' ? ['--quick'] : []),
    ...(seed === SEED ? [] : [`--seed ${quoted}`]),
    ...(mutant === null ? [] : [`--mutant ${mutant}`]),
  ];
}

function chosenFrom(only: string): readonly Experiment[] {
  const ids = new Set(only.split(',').map((it) => it.trim().toUpperCase()));
  const known = experiments.map(({ id }) => id);
  for (const id of ids) {
    if (known.includes(id)) continue;
    const near = suggest(id, known);
    throw new StalemateError(
      'usage',
      `--only ${id}: no such note`,
      near === null ? `${known.toSorted()[0]} to ${known.toSorted().at(-1)}` : `did you mean ${near}?`,
    );
  }
  return experiments.filter(({ id }) => ids.has(id));
}

function digestOf({ chosen, scale, seed, mutant }: Asked): string {
  const arms = chosen.map(({ id, arms: it }) => [
    id,
    Object.entries(it).map(([name, { runs }]) => [name, runs[scale]]),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([VERSION, scale, seed, mutant, arms]))
    .digest('hex')
    .slice(0, 16);
}

async function measure(
  asked: Asked,
  folder: NotesFolder,
  { screen, signal, given }: { readonly screen: Screen; readonly signal: AbortSignal; readonly given: Given },
): Promise<Answers> {
  const startedMs = Date.now();
  const known = new Map(readJsonl<NamedTrial>(folder.trials).map(({ name, trial }) => [name, trial]));
  const earlierRuns = known.size;
  // A last line that was cut off by a crash is left out.
  writeWhole(folder.trials, [...known].map(([name, trial]) => `${JSON.stringify({ name, trial })}\n`).join(''));
  const file = openJsonl(folder.trials, 'append');
  const { chosen, scale, seed, mutant, jobs } = asked;
  const commandFor = (id: string): string =>
    ['npx stalemate notes', `--only ${id}`, ...flagsOf({ scale, seed, mutant })].join(' ');
  const placeOf = (name: string) => ({ out: folder.runs, command: commandFor(name.slice(0, name.indexOf('-'))) });
  try {
    const cards = await runNotes({
      experiments: chosen,
      scale,
      seed,
      mutant,
      ...(jobs !== undefined && { jobs }),
      signal,
      known,
      onTrial: (name, trial) => file.writeSoon({ name, trial } satisfies NamedTrial),
      onProgress: isOn(given, 'quiet') ? () => {} : progressTeller(screen, countOf(chosen, scale)),
      real: (trial) => recordReal(trial, placeOf(trial.name)),
      write: (name, recording) => writeShown(name, recording, placeOf(name)),
      linesOf: (name) => readJsonl<HistoryLine>(join(folder.runs, name, 'history.jsonl')),
      commandFor,
    });
    const isWrong = cards.some(({ status }) => status === 'not-as-expected');
    return {
      format: 1,
      version: VERSION,
      seed,
      scale,
      mutant,
      exit: isWrong ? 1 : signal.aborted ? 130 : 0,
      interrupted: signal.aborted,
      startedMs,
      seconds: (Date.now() - startedMs) / 1000,
      earlierRuns,
      command: asked.command,
      cards,
    };
  } finally {
    file.close();
  }
}

interface NamedTrial {
  readonly name: string;
  readonly trial: Trial;
}

/** How many runs they have in all. */
function countOf(chosen: readonly Experiment[], scale: Scale): number {
  return chosen.flatMap(({ arms }) => Object.values(arms)).reduce((sum, { runs }) => sum + runs[scale], 0);
}

function progressTeller(screen: Screen, all: number): (progress: NotesProgress) => void {
  const teller = new CountTeller(screen, all);
  return ({ card, world, done, of }) =>
    teller.tell(
      done,
      () => `${card} ${world === 'processes' ? 'on real processes' : 'in the simulator'}, ${done} of ${of} runs`,
    );
}

function tell(screen: Screen, folder: NotesFolder, answers: Answers): number {
  // Answers that are there are not measured again: those of a campaign that was cut short are not written under that name.
  const { interrupted } = answers;
  if (!interrupted) writeJson(folder.answers, answers);
  writeWhole(folder.page, renderAnswers(answers));
  screen.say(answersSummary(answers, { pagePath: relative('.', folder.page) || folder.page, color: screen.color }));
  screen.document(answers);
  return answers.exit;
}
