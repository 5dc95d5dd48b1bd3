/**
 * `stalemate mutants`: the mutation score. Each broken rule is looked for by general plans and by plans with a hint; the correct node plays
 * the same plans, and has to come out clean.
 */
import { StalemateError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { DETECTORS, HINTS, score, scoreMutant, type MutantScore, type Tally } from '../explore/index.ts';
import { MUTANTS } from '../raft/rules.ts';
import { liveCountLines, plural } from '../report/index.ts';
import { defineCommand, screenFor, wholeNumber, type Command, type Given, type Screen } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { seedOf } from './plan-flags.ts';

const SCHEDULES = 5000;
const HITS = 10;
const SHRINK_PLAYS = 300;
const MOST = 10_000_000;
const JOBS_MOST = 256;

/** The mutants command. */
export const mutantsCommand: Command = defineCommand({
  command: 'mutants [id..]',
  describe: 'the mutation score in the simulator: how often a node with one broken rule is caught, and by what',
  positional: { name: 'id', describe: 'mutants, as M30; all where none is named', array: true },
  flags: {
    schedules: { type: 'string', default: String(SCHEDULES), describe: 'at most so many schedules in each column' },
    hits: { type: 'string', default: String(HITS), describe: 'enough after so many catches' },
    seed: { type: 'string', describe: 'any string (default: a fresh one)' },
    jobs: { type: 'string', describe: 'threads (default: one a core)' },
    shrink: { type: 'boolean', default: true, describe: 'shrink a plan of each; --no-shrink leaves it out' },
    json: { type: 'boolean', describe: 'one document on standard output' },
  },
  examples: [
    ['$0 mutants', 'all of them; takes long'],
    ['$0 mutants M30 M31 --schedules 500', 'two of them'],
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const ids = idsOf(given);
  const seed = seedOf(given);
  const schedules = wholeNumber(given, 'schedules', MOST) ?? SCHEDULES;
  const hits = wholeNumber(given, 'hits', MOST) ?? HITS;
  const jobs = wholeNumber(given, 'jobs', JOBS_MOST);
  const interrupt = listenForInterrupt((line) => screen.say(line));
  const common = { seed, schedules, ...(jobs !== undefined && { jobs }), signal: interrupt.signal };
  const shrinkPlays = given['shrink'] === false ? 0 : SHRINK_PLAYS;
  const rows: MutantScore[] = [];
  screen.say(
    `seed ${seed}, at most ${plural(schedules, 'schedule')} in each column, ${plural(hits, 'catch', 'catches')} are enough`,
  );
  screen.say(HEADER);
  const draw = (now: string): void =>
    screen.live?.draw(() => liveCountLines({ done: rows.length, all: ids.length, words: 'mutants', now }));
  try {
    draw('the correct node');
    const correct = await score({ ...common, mutant: null, hits: Infinity });
    screen.say(lineOf('—', 'none: the correct node', '', [tallyCells(correct), tallyCells(null)]));
    for (const mutant of ids) {
      if (interrupt.signal.aborted) break;
      draw(mutant);
      const row = await scoreMutant({ ...common, mutant, hits, hint: HINTS[mutant], shrinkPlays });
      rows.push(row);
      screen.say(rowWords(row));
    }
    return tell(screen, { seed, correct, rows, isInterrupted: interrupt.signal.aborted });
  } finally {
    interrupt.dispose();
  }
}

function idsOf(given: Given): readonly string[] {
  const asked = (given['id'] ?? []) as readonly string[];
  const all = Object.keys(MUTANTS);
  for (const id of asked) {
    if (all.includes(id)) continue;
    const near = suggest(id, all);
    throw new StalemateError(
      'usage',
      `there is no mutant ${id}`,
      near === null ? `one of ${all.join(', ')}` : `did you mean ${near}?`,
    );
  }
  return asked.length === 0 ? all : all.filter((id) => asked.includes(id));
}

interface Told {
  readonly seed: string;
  readonly correct: Tally;
  readonly rows: readonly MutantScore[];
  readonly isInterrupted: boolean;
}

/** The score of both columns, and the exit code: a mutant that nothing caught, or an alarm of the correct node, is 1. */
function tell(screen: Screen, { seed, correct, rows, isInterrupted }: Told): number {
  const falseAlarms = correct.caught + rows.reduce((sum, row) => sum + (row.correct?.caught ?? 0), 0);
  const played = correct.schedules + rows.reduce((sum, row) => sum + (row.correct?.schedules ?? 0), 0);
  const escaped = rows.filter((row) => !isCaught(row));
  const safety = rows.filter(({ mutant }) => DETECTORS[mutant]!.some((it) => it !== 'liveness'));
  const general = safety.filter((row) => row.general.caught > 0).length;
  const visible = rows.filter(({ mutant }) => DETECTORS[mutant]!.includes('clients'));
  const unseen = visible.filter((row) => row.general.byClients + (row.hinted?.byClients ?? 0) === 0);
  screen.say(`general plans catch ${general} of the ${safety.length} that break safety`);
  screen.say(`with their hints ${rows.length - escaped.length} of ${rows.length} are caught${names(escaped)}`);
  screen.say(
    `clients saw ${visible.length - unseen.length} of the ${visible.length} that they can see${names(unseen)}`,
  );
  screen.say(`${plural(falseAlarms, 'alarm')} of the correct node in ${plural(played, 'schedule')}`);
  const exit = isInterrupted ? 130 : escaped.length > 0 || falseAlarms > 0 ? 1 : 0;
  screen.document({ exit, seed, correct, mutants: rows, interrupted: isInterrupted });
  return exit;
}

/** `; not: M19, M20`. */
function names(rows: readonly MutantScore[]): string {
  return rows.length === 0 ? '' : `; not: ${rows.map(({ mutant }) => mutant).join(', ')}`;
}

/** By anything. */
function isCaught({ general, hinted, liveness }: MutantScore): boolean {
  return general.caught + (hinted?.caught ?? 0) > 0 || liveness?.isCaught === true;
}

const CELLS = [4, 24, 3, 10, 8, 14, 7, 10, 8, 14, 7] as const;
const LETTERS = { clients: 'L', invariant: 'I', liveness: 'V' } as const;
const HEADER = [
  lineOf('', '', '', ['general plans', '', '', '', 'with its hint']),
  lineOf(
    'id',
    'the rule that is broken',
    'by',
    [...Array(2)].flatMap(() => ['caught', 'clients', '95 %', 'median']),
  ) + '  shrunk',
].join('\n');

function rowWords({ mutant, general, hinted, correct, liveness, shrunk, seconds }: MutantScore): string {
  const letters = DETECTORS[mutant]!.map((it) => LETTERS[it]).join('');
  const size = shrunk === null ? '' : `${plural(shrunk.faults, 'fault')}, ${plural(shrunk.operations, 'operation')}, `;
  const alarms =
    correct !== null && correct.caught > 0 ? `; THE CORRECT NODE: ${correct.caught} of ${correct.schedules}` : '';
  const line = lineOf(mutant, MUTANTS[mutant]!.name, letters, [...tallyCells(general), ...tallyCells(hinted)]);
  const found = [
    ...(liveness === null ? [] : [`${liveness.ratio.toFixed(1)} × leaderless or terms`]),
    ...detectorsOf(general, hinted),
  ];
  return `${line}  ${size}${Math.round(seconds)} s; ${found.length === 0 ? 'not caught' : found.join(', ')}${alarms}`;
}

function tallyCells(tally: Tally | null): readonly string[] {
  if (tally === null) return ['', '', '', ''];
  const [low, , high] = tally.rate;
  return [
    `${tally.caught}/${tally.schedules}`,
    String(tally.byClients),
    `${percent(low)}–${percent(high)} %`,
    tally.medianSchedules === null ? '—' : String(tally.medianSchedules),
  ];
}

function percent(share: number): string {
  return share < 0.1 ? (share * 100).toPrecision(2) : (share * 100).toFixed(0);
}

/** What noticed it most often. */
function detectorsOf(...tallies: readonly (Tally | null)[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const tally of tallies)
    for (const [name, count] of Object.entries(tally?.byDetector ?? {}))
      counts.set(name, (counts.get(name) ?? 0) + count);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name]) => name)
    .slice(0, 3);
}

function lineOf(id: string, name: string, by: string, cells: readonly (string | readonly string[])[]): string {
  return [id, name, by, ...cells.flat()].map((cell, i) => cell.padEnd(CELLS[i] ?? 0)).join(' ');
}
