/**
 * `stalemate sim`: what `run` does, in the simulator. One run means the same by its flags as `run` does; many runs are a swarm, each
 * with a configuration, load and faults of its own, and the first violation is shrunk to a plan that reads like a story.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { Plan, RunFile, RunResult } from '../contract/index.ts';
import { clusterFindings, drawPlan, explore, findingsOf, play, shrink, storyOf, worldOf } from '../explore/index.ts';
import type { Finding, Outcome, PlanFrame, Played } from '../explore/index.ts';
import { plural, runForServers, summary } from '../report/index.ts';
import { SIM_CAPABILITIES } from '../sim/sim-cluster.ts';
import { createRunFolder, pointLatestAt, writeJson, type RunFolder } from '../store/index.ts';
import { SYSTEM_NAMES } from '../systems/names.ts';
import { tellServer } from './ci-server.ts';
import { defineCommand, isOn, screenFor, text, wholeNumber, type Command, type Given, type Screen } from './command.ts';
import { CountTeller } from './count-teller.ts';
import { listenForInterrupt } from './interrupt.ts';
import { fileOf, judge } from './judge.ts';
import { expectationOf, OUTCOME_FLAGS, PLAN_FLAGS, planOf, seedOf } from './plan-flags.ts';
import { PLAN_FLAG, planGiven, systemGiven } from './given-plan.ts';
import { writeRecorded } from './recorded-run.ts';
import { runFileOf } from './run-file.ts';

const RUNS_MOST = 10_000_000;
const JOBS_MOST = 256;

/** The sim command. */
export const simCommand: Command = defineCommand({
  command: 'sim',
  describe: 'the same as run in the simulator: a virtual clock, network and disk, from one seed',
  flags: {
    ...PLAN_FLAGS,
    runs: {
      type: 'string',
      default: '1',
      describe:
        'more than one: a swarm, each with a configuration and faults of its own; flags that are given hold for all',
    },
    jobs: { type: 'string', describe: 'threads for many runs (default: one a core)' },
    plan: PLAN_FLAG,
    shrink: {
      type: 'boolean',
      describe: 'shrink what a single run or a plan shows; of many runs the first violation is, unless --no-shrink',
    },
    ...OUTCOME_FLAGS,
  },
  examples: [
    ['$0 sim', 'as run, in a second or two'],
    ['$0 sim --runs 1000', 'a thousand schedules on all cores'],
    ['$0 sim --runs 1000 --mutant M30 --expect violation', 'find, and explain, what a broken rule leads to'],
    ['$0 sim --plan results/latest', 'the same again'],
  ],
  perform,
});

async function perform(given: Given): Promise<number> {
  const runs = wholeNumber(given, 'runs', RUNS_MOST) ?? 1;
  // A word that is no expectation must not be found out after an hour.
  expectationOf(given);
  if (text(given, 'plan') !== undefined && runs > 1)
    throw new StalemateError('usage', '--plan with --runs: a plan is one run', 'leave one out');
  refuseForeign(given);
  return runs > 1 ? swarm(given, runs) : single(given);
}

async function single(given: Given): Promise<number> {
  const screen = screenFor(given);
  const { plan, isFromFlags } = planGiven(given, { can: SIM_CAPABILITIES });
  const played = await play({ ...plan, world: worldOf(plan) });
  const finding = findingsOf(played)[0];
  if (finding === undefined || !isOn(given, 'shrink')) {
    return tell(given, screen, { played, finding, original: null, isFromFlags });
  }
  return tellShrunk(given, screen, { played, finding });
}

/** Nobody can play another system's programs on a virtual clock. */
function refuseForeign(given: Given): void {
  const { name } = systemGiven(given);
  if (name === 'raft' || !SYSTEM_NAMES.includes(name)) return;
  throw new StalemateError('usage', `--system ${name}: only raft can be simulated`, `stalemate run --system ${name}`);
}

async function swarm(given: Given, runs: number): Promise<number> {
  const screen = screenFor(given);
  const seed = seedOf(given);
  const frame = frameOf(given);
  const jobs = wholeNumber(given, 'jobs', JOBS_MOST);
  const totals = new Totals();
  const interrupt = listenForInterrupt((line) => screen.say(line));
  let found: Plan | null = null;
  const beganMs = performance.now();
  const progress = new CountTeller(screen, runs);
  screen.say(`${plural(runs, 'schedule')}, seed ${seed}`);
  try {
    await explore({
      ...(jobs === undefined ? {} : { jobs }),
      plans: plansOf(seed, runs, frame),
      signal: interrupt.signal,
      onOutcome: (outcome, plan) => {
        totals.add(outcome);
        const elapsedMs = performance.now() - beganMs;
        if (!isOn(given, 'quiet')) progress.tell(totals.schedules, () => totals.words(elapsedMs));
        if (!outcome.findings.some(isViolation)) return 'go-on';
        found = plan;
        return 'stop';
      },
    });
  } finally {
    interrupt.dispose();
  }
  screen.say(totals.words(performance.now() - beganMs));
  if (found !== null) return tellFound(given, screen, found);
  return tellNothing(given, screen, { totals, isInterrupted: interrupt.signal.aborted, seed });
}

function* plansOf(seed: string, runs: number, frame: PlanFrame): Iterator<Plan> {
  for (let nth = 0; nth < runs; nth++) yield drawPlan(`${seed}-${nth}`, frame);
}

/** What is given by flags holds for every schedule; the rest is drawn. */
function frameOf(given: Given): PlanFrame {
  // Checks what was given as `run` does.
  const plan = planOf({ ...given, time: text(given, 'time') ?? '20s' }, { can: SIM_CAPABILITIES });
  const isGiven = (name: string): boolean => text(given, name) !== undefined;
  const drawn = ['rate', 'election-timeout'].find(isGiven);
  if (drawn !== undefined)
    throw new StalemateError('usage', `--${drawn} with --runs: each schedule draws its own`, 'leave one out');
  const aimed = plan.requested.find(({ target }) => target !== 'any');
  if (isGiven('faults') && aimed !== undefined)
    throw new StalemateError(
      'usage',
      `--faults ${aimed.kind}:${aimed.target} with --runs: each schedule draws whom it hits`,
      `--faults ${aimed.kind}`,
    );
  return {
    mutant: plan.mutant,
    ...(isGiven('nodes') && { nodes: plan.nodes }),
    ...(isGiven('workload') && { workload: plan.workload }),
    ...(isGiven('reads') && { reads: plan.reads }),
    ...(isGiven('clients') && { clients: plan.clients }),
    ...(isGiven('keys') && { keys: plan.keys }),
    ...(isGiven('time') && { timeMs: plan.timeMs }),
    ...(isGiven('faults') && { kinds: plan.requested.map(({ kind }) => kind) }),
  };
}

async function tellFound(given: Given, screen: Screen, plan: Plan): Promise<number> {
  const played = await play(plan);
  const finding = findingsOf(played).find(isViolation);
  if (finding === undefined)
    throw new StalemateError(
      'failed',
      `seed ${plan.seed}: the violation did not come back`,
      'this is a defect of the simulator',
    );
  screen.say(`seed ${plan.seed}: ${finding.message}`);
  if (given['shrink'] === false) return tell(given, screen, { played, finding, original: null, isFromFlags: false });
  return tellShrunk(given, screen, { played, finding });
}

async function tellShrunk(
  given: Given,
  screen: Screen,
  from: { readonly played: Played; readonly finding: Finding },
): Promise<number> {
  const interrupt = listenForInterrupt((line) => screen.say(line));
  try {
    const { played, finding, plays } = await shrink(
      { played: from.played, of: from.finding },
      { shouldStop: () => interrupt.signal.aborted },
    );
    const [before, after] = [from.played, played].map(sizeOf);
    screen.say(`shrunk from ${before} to ${after}, in ${plural(plays, 'play')}`);
    for (const line of storyOf(played)) screen.say(line);
    return tell(given, screen, { played, finding, original: from.played.plan, isFromFlags: false });
  } finally {
    interrupt.dispose();
  }
}

function sizeOf({ plan, history }: Played): string {
  const asked = history.filter(({ type }) => type === 'invoke').length;
  return `${plural(plan.steps.length, 'fault')} and ${plural(asked, 'operation')}`;
}

interface Told {
  readonly played: Played;
  readonly finding: Finding | undefined;
  /** The plan that was shrunk. */
  readonly original: Plan | null;
  readonly isFromFlags: boolean;
}

/** Writes the run's folder, judges it, and says what it came to. */
function tell(given: Given, screen: Screen, { played, finding, original, isFromFlags }: Told): number {
  const { plan } = played;
  const expected = expectationOf(given);
  const folder = createRunFolder(text(given, 'out') ?? 'results', plan, new Date(), text(given, 'name'));
  writeFiles(folder, runFileOf(folder, plan, { expected, isFromFlags }), played);
  if (original !== null) writeJson(join(folder.path, 'original-plan.json'), original);
  pointLatestAt(folder);
  const { result, probes, recorded } = judge(folder);
  const isAlarm = finding !== undefined && isViolation(finding);
  const exit = isAlarm ? (expected === 'ok' ? 1 : 0) : result.exit;
  const { color } = screen;
  screen.say(
    summary({ ...result, exit }, { reportPath: folder.report, color, clients: plan.clients, probes, recorded }),
  );
  tellServer(screen, { ...runForServers(result, plan), summaryPath: folder.summary });
  if (finding?.detector === 'liveness') screen.say(`  ${finding.class}: ${finding.message}`);
  screen.document({ ...fileOf(result), exit, finding: finding ?? null });
  return exit;
}

function writeFiles(folder: RunFolder, run: RunFile, played: Played): void {
  const { interrupted, durationNs, finalReads } = played.outcome;
  const ended = {
    interrupted,
    durationNs,
    finalReads,
    readyMs: null,
    eventLoopDelayMs: null,
    broken: brokenIn(played),
  };
  writeRecorded(folder, { ...run, ended }, played);
}

/** For run.json: whoever judges the files alone comes to the same. */
function brokenIn(played: Played): RunResult['invariants'] {
  return clusterFindings(played).map(({ class: name, message }) => ({ name, message }));
}

function tellNothing(
  given: Given,
  screen: Screen,
  { totals, isInterrupted, seed }: { readonly totals: Totals; readonly isInterrupted: boolean; readonly seed: string },
): number {
  const expected = expectationOf(given);
  const verdict = totals.undecided > 0 || totals.ok === 0 ? 'unknown' : 'linearizable';
  const exit = isInterrupted ? 130 : verdict === 'unknown' ? 2 : expected === 'violation' ? 1 : 0;
  const words =
    totals.undecided > 0
      ? `? ${plural(totals.undecided, 'history', 'histories')} could not be decided`
      : '✓ no violation';
  screen.say(words);
  const { schedules, ok, effective, steps, digest } = totals;
  const faults = { effective, steps };
  screen.document({ verdict, exit, seed, schedules, ok, faults, digest, interrupted: isInterrupted });
  return exit;
}

function isViolation({ detector }: Finding): boolean {
  return detector !== 'undecided';
}

/** Over all schedules so far. */
class Totals {
  schedules = 0;
  ok = 0;
  effective = 0;
  steps = 0;
  undecided = 0;
  readonly #digest = createHash('sha256');

  add({ ok, effective, steps, findings, digest }: Outcome): void {
    this.schedules++;
    this.#digest.update(digest);
    this.ok += ok;
    this.effective += effective;
    this.steps += steps;
    if (findings.some(({ detector }) => detector === 'undecided')) this.undecided++;
  }

  /** Of every history and every probe so far: equal for equal seeds, on any number of threads and on any machine. */
  get digest(): string {
    return this.#digest.copy().digest('hex').slice(0, 16);
  }

  words(elapsedMs: number): string {
    const perSecond = (count: number): string => String(Math.round((count / elapsedMs) * 1000));
    const faults = `${this.effective} of ${this.steps} faults effective`;
    return `${plural(this.schedules, 'schedule')} (${perSecond(this.schedules)}/s), ${this.ok} operations ok (${perSecond(this.ok)}/s), ${faults}`;
  }
}
