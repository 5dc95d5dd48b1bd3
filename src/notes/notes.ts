/**
 * All experiments, one after another: first what is simulated, on all cores, then what takes real processes, on a machine that has
 * nothing else to do. What was counted becomes a card each; runs that a card links to are recorded again from their seeds, and written.
 */
import type { Card, CardLink, HistoryLine } from '../contract/index.ts';
import { workInOrder } from '../explore/index.ts';
import type { Experiment, Links, Played, Results, Scale, Shown } from './experiment.ts';
import { armOf, mutantOf, recordTrial, seedOf, type TrialTask } from './play-trial.ts';
import { trialOf, type Recording, type Trial } from './recording.ts';

// From source the worker needs its loader; what ships is JavaScript and needs none.
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './notes-worker.js',
  import.meta.url,
);

export interface NotesOptions {
  readonly experiments: readonly Experiment[];
  readonly scale: Scale;
  readonly seed: string;
  /** What stands in the place of the correct node; null for the correct one. */
  readonly mutant: string | null;
  readonly jobs?: number;
  readonly signal: AbortSignal;
  /** Trials that were made before, by name: a campaign that was cut short goes on. */
  readonly known: ReadonlyMap<string, Trial>;
  readonly onTrial: (name: string, trial: Trial) => void;
  readonly onProgress: (progress: NotesProgress) => void;
  /** Tells a story on real processes, and leaves a run's folder of that name. */
  readonly real: (it: RealTrial) => Promise<Recording>;
  /** Leaves a run's folder of that name, with its report. */
  readonly write: (name: string, recording: Recording) => void;
  /** What happened in a run whose folder there is. */
  readonly linesOf: (name: string) => readonly HistoryLine[];
  /** The command that measures a card again. */
  readonly commandFor: (id: string) => string;
}

export interface RealTrial {
  readonly name: string;
  readonly play: Extract<Played, { world: 'processes' }>;
  readonly seed: string;
  readonly mutant: string | null;
}

export interface NotesProgress {
  readonly card: string;
  readonly world: 'simulator' | 'processes';
  readonly done: number;
  readonly of: number;
}

/** Cards of the experiments, in their order; `not-tested` where it was interrupted before. */
export async function runNotes(options: NotesOptions): Promise<readonly Card[]> {
  const tasks = options.experiments.flatMap((experiment) => tasksOf(experiment, options));
  const trials = new Map(options.known);
  const keep = (task: TrialTask, trial: Trial): void => {
    trials.set(nameOf(task), trial);
    options.onTrial(nameOf(task), trial);
  };
  const missing = tasks.filter((task) => !trials.has(nameOf(task)));
  const simulated = missing.filter((task) => armOf(task).play.world === 'simulator');
  const real = missing.filter((task) => armOf(task).play.world === 'processes');
  let done = tasks.length - missing.length;
  const tell = (task: TrialTask, world: NotesProgress['world']): void =>
    options.onProgress({ card: task.experiment, world, done: ++done, of: tasks.length });
  await simulate(simulated, options, (task, trial) => {
    keep(task, trial);
    tell(task, 'simulator');
  });
  for (const task of real) {
    if (options.signal.aborted) break;
    const recording = await options.real(realTrial(task));
    if (options.signal.aborted) break;
    keep(task, trialOf(recording, task.nth));
    tell(task, 'processes');
  }
  const cards: Card[] = [];
  for (const experiment of options.experiments) cards.push(await cardOf(experiment, trials, options));
  return cards;
}

async function simulate(
  tasks: readonly TrialTask[],
  { jobs, signal }: NotesOptions,
  onTrial: (task: TrialTask, trial: Trial) => void,
): Promise<void> {
  if (tasks.length === 0) return;
  await workInOrder<TrialTask, Trial>({
    program: PROGRAM,
    tasks: tasks[Symbol.iterator](),
    ...(jobs !== undefined && { jobs }),
    signal,
    onResult: (trial, task) => {
      onTrial(task, trial);
      return 'go-on';
    },
  });
}

function tasksOf({ id, arms }: Experiment, { seed, mutant, scale }: NotesOptions): readonly TrialTask[] {
  return Object.entries(arms).flatMap(([arm, { runs }]) =>
    Array.from({ length: runs[scale] }, (_, nth) => ({ experiment: id, arm, nth, seed, mutant })),
  );
}

function realTrial(task: TrialTask): RealTrial {
  const { play } = armOf(task);
  if (play.world !== 'processes') throw new Error(`${nameOf(task)} is simulated`);
  return { name: nameOf(task), play, seed: seedOf(task), mutant: mutantOf(task) };
}

/** Names the trial, and the folder of its run: `S10-real-asks-first-0`. */
function nameOf({ experiment, arm, nth }: Pick<TrialTask, 'experiment' | 'arm' | 'nth'>): string {
  return `${experiment}-${arm.replace(/[^A-Za-z0-9]+/g, '-')}-${nth}`;
}

async function cardOf(
  experiment: Experiment,
  trials: ReadonlyMap<string, Trial>,
  options: NotesOptions,
): Promise<Card> {
  const { id, lines, note, form, arms } = experiment;
  const tasks = tasksOf(experiment, options);
  const of = (world: Played['world']): number =>
    tasks.filter((task) => trials.has(nameOf(task)) && armOf(task).play.world === world).length;
  const runs = { simulated: of('simulator'), real: of('processes') };
  const common = { id, lines, note, form, runs, command: options.commandFor(id) };
  if (tasks.some((task) => !trials.has(nameOf(task)))) return { ...common, ...NOT_TESTED };
  const results: Results = Object.fromEntries(
    Object.keys(arms).map((arm) => [
      arm,
      tasks.filter((task) => task.arm === arm).map((task) => trials.get(nameOf(task))!),
    ]),
  );
  const conclusion = experiment.conclude(results);
  const wanted = new Map<string, { readonly task: TrialTask; readonly shown: Shown }>();
  const taskOf = (shown: Shown): TrialTask => ({
    experiment: id,
    arm: shown.arm,
    nth: shown.nth,
    seed: options.seed,
    mutant: options.mutant,
  });
  const want = (shown: Shown): void => void wanted.set(nameOf(taskOf(shown)), { task: taskOf(shown), shown });
  for (const shown of conclusion.show) want(shown);
  conclusion.linked?.({ to: (shown) => (want(shown), NOWHERE), lines: () => [] });
  for (const [name, { task }] of wanted)
    if (armOf(task).play.world === 'simulator') options.write(name, await recordTrial(task));
  const links: Links = {
    to: (shown) => linkTo(shown, { task: taskOf(shown), options }),
    lines: (shown) => options.linesOf(nameOf(taskOf(shown))),
  };
  const { show, linked, ...told } = conclusion;
  const failing = told.claims.find(({ holds }) => !holds);
  return {
    ...common,
    ...told,
    ...linked?.(links),
    status: failing === undefined ? experiment.status : 'not-as-expected',
    answer: failing === undefined ? told.answer : `Not as expected: ${failing.words} (${failing.measured}).`,
    links: show.map((shown) => links.to(shown)),
  };
}

const NOWHERE: CardLink = { words: '', href: '', world: 'simulator', operation: '' };

const NOT_TESTED = {
  status: 'not-tested',
  answer: 'Not yet tested.',
  explanation: 'It was interrupted before. The same command goes on where it stopped.',
  claims: [],
  figures: [],
  ablations: [],
  charts: [],
  links: [],
} as const;

function linkTo(
  { words, operation }: Shown,
  { task, options }: { readonly task: TrialTask; readonly options: NotesOptions },
): CardLink {
  const name = nameOf(task);
  return {
    words,
    href: `runs/${name}/report.html#op-${operation}`,
    world: armOf(task).play.world,
    operation: wordsOf(options.linesOf(name), operation),
  };
}

/** `read x = 1`, of what was asked there. */
function wordsOf(lines: readonly HistoryLine[], operation: number): string {
  const asked = lines.find(({ index }) => index === operation);
  if (asked === undefined) return '';
  const end = lines.find(
    ({ index, process, type }) => index > operation && process === asked.process && type !== 'invoke',
  );
  const key = asked.key === undefined ? '' : ` ${asked.key}`;
  const value = end?.type === 'ok' ? end.value : asked.value;
  const outcome = end === undefined || end.type === 'ok' ? '' : end.type === 'fail' ? ', refused' : ', unknown';
  return asked.f === 'read' && end?.type !== 'ok'
    ? `${asked.f}${key}${outcome}`
    : `${asked.f}${key} = ${JSON.stringify(value)}${outcome}`;
}
