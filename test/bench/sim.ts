/**
 * The benchmark of the simulator: `npm run bench:sim`. One thread, milliseconds of CPU, that of the compiler and of garbage collection on other threads
 * included, the built program, once it is warm. Schedules are drawn as `stalemate sim --runs` draws them: the goal is for three nodes, ten clients and
 * the usual faults; the swarm, all of it drawn, is shown as well. The long runs are what `stalemate sim` plays, on three nodes. Exits 1 if a goal is
 * missed, or if anything is found.
 */
import { parseArgs } from 'node:util';
import type { Plan } from '../../src/contract/index.ts';
import type * as explore from '../../src/explore/index.ts';
import type * as run from '../../src/run/index.ts';
import type * as simCluster from '../../src/sim/sim-cluster.ts';

const { values: flags } = parseArgs({
  options: {
    schedules: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '5,10,20,40' },
    seed: { type: 'string', default: 'bench' },
    built: { type: 'string', default: new URL('../../dist', import.meta.url).pathname },
  },
});

const { drawPlan, expectManyPlays, findingsOf, play, DEFAULT_WORLD } = (await import(
  `${flags.built}/src/explore/index.js`
)) as typeof explore;
const { makePlan } = (await import(`${flags.built}/src/run/index.js`)) as typeof run;
const { SIM_CAPABILITIES } = (await import(`${flags.built}/src/sim/sim-cluster.js`)) as typeof simCluster;

const GOALS = { schedulesPerSecond: 200, operationsPerSecond: 50_000, exponent: 1.1 };
const OPERATIONS_A_SCHEDULE = 200;

/** What a schedule of the goal is, and what else is drawn. */
const FRAMES: readonly (readonly [name: string, frame: explore.PlanFrame])[] = [
  ['usual', { nodes: 3, clients: 10, workload: 'cas-register', kinds: ['partition', 'pause', 'kill'] }],
  ['swarm', {}],
];

const WARM = 600;
const HEAD = [
  'faults',
  'schedules',
  'operations each',
  'virtual s each',
  'play ms each',
  'judge ms each',
  'schedules/s',
  `of ${OPERATIONS_A_SCHEDULE} operations/s`,
];

/** CPU of playing with invariants, and of judging, apart. */
interface Cost {
  readonly operations: number;
  readonly virtualSeconds: number;
  readonly playMs: number;
  readonly judgeMs: number;
}

let alarms = 0;
const missed: string[] = [];

console.log(`seed ${flags.seed}, Node ${process.version}, one thread\n`);
await schedules();
await longRuns();
if (alarms > 0) missed.push(`${alarms} runs of the correct node in which something was found`);
console.log(missed.length === 0 ? '\nholds' : `\nmissed: ${missed.join('; ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;

async function schedules(): Promise<void> {
  expectManyPlays();
  // The first ones are compiled while they run.
  for (let nth = 0; nth < WARM; nth++) await costOf(drawPlan(`warm-${nth}`, FRAMES[nth % 2]![1]));
  const rows = [HEAD];
  for (const [name, frame] of FRAMES) {
    const costs: Cost[] = [];
    for (let nth = 0; nth < Number(flags.schedules); nth++)
      costs.push(await costOf(drawPlan(`${flags.seed}-${nth}`, frame)));
    const total = sumOf(costs);
    const perSecond = (costs.length / (total.playMs + total.judgeMs)) * 1000;
    // A schedule of the goal has so many operations; ours have as many as they have.
    const adjusted = (perSecond * total.operations) / costs.length / OPERATIONS_A_SCHEDULE;
    rows.push([
      name,
      String(costs.length),
      (total.operations / costs.length).toFixed(0),
      (total.virtualSeconds / costs.length).toFixed(2),
      (total.playMs / costs.length).toFixed(2),
      (total.judgeMs / costs.length).toFixed(2),
      perSecond.toFixed(0),
      adjusted.toFixed(0),
    ]);
    if (name === 'usual' && adjusted < GOALS.schedulesPerSecond)
      missed.push(
        `${adjusted.toFixed(0)} schedules/s of ${OPERATIONS_A_SCHEDULE} operations (goal ${GOALS.schedulesPerSecond})`,
      );
  }
  console.log(table(rows));
}

async function longRuns(): Promise<void> {
  const rows = [['virtual s', 'operations', 'operations/s played', 'µs each played', 'µs each judged']];
  const costs: Cost[] = [];
  for (const seconds of flags.seconds.split(',')) {
    const cost = await costOf(longPlan(`${seconds}s`));
    costs.push(cost);
    rows.push([
      seconds,
      String(cost.operations),
      ((cost.operations / cost.playMs) * 1000).toFixed(0),
      ((cost.playMs / cost.operations) * 1000).toFixed(1),
      ((cost.judgeMs / cost.operations) * 1000).toFixed(1),
    ]);
  }
  console.log(`\n${table(rows)}`);
  const best = Math.max(...costs.map(({ operations, playMs }) => (operations / playMs) * 1000));
  if (best < GOALS.operationsPerSecond)
    missed.push(`${best.toFixed(0)} operations/s (goal ${GOALS.operationsPerSecond})`);
  if (costs.length > 1) growth(costs[0]!, costs.at(-1)!);
}

function growth(first: Cost, last: Cost): void {
  const exponent = Math.log(last.playMs / first.playMs) / Math.log(last.operations / first.operations);
  console.log(`CPU grows as operations to the power of ${exponent.toFixed(2)}`);
  if (exponent > GOALS.exponent) missed.push(`growth ${exponent.toFixed(2)} (goal ${GOALS.exponent})`);
}

/** What `stalemate sim --nodes 3` plays. */
function longPlan(time: string): Plan {
  const plan = makePlan({ nodes: '3', clients: '10', time, seed: flags.seed }, { can: SIM_CAPABILITIES, mutants: [] });
  return { ...plan, world: DEFAULT_WORLD };
}

async function costOf(plan: Plan): Promise<Cost> {
  const began = process.cpuUsage();
  const played = await play(plan);
  const between = process.cpuUsage(began);
  const findings = findingsOf(played);
  const ended = process.cpuUsage(began);
  if (findings.length > 0) {
    alarms++;
    console.log(`seed ${plan.seed}: ${findings[0]!.message}`);
  }
  const ms = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;
  return {
    operations: played.history.filter(({ type }) => type === 'invoke').length,
    virtualSeconds: played.outcome.durationNs / 1e9,
    playMs: ms(between),
    judgeMs: ms(ended) - ms(between),
  };
}

function sumOf(costs: readonly Cost[]): Cost {
  const of = (name: keyof Cost): number => costs.reduce((sum, cost) => sum + cost[name], 0);
  return {
    operations: of('operations'),
    virtualSeconds: of('virtualSeconds'),
    playMs: of('playMs'),
    judgeMs: of('judgeMs'),
  };
}

/** Columns as wide as they have to be. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')).join('\n');
}
