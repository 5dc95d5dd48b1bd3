/** The command line that runs a plan again. */
import { formatDuration } from '../base/duration.ts';
import type { FaultRequest, Plan, RunResult } from '../contract/index.ts';
import { ELECTION_TIMEOUT_MS, PLAN_DEFAULTS } from './plan.ts';

/** `npx stalemate run --reads local --faults pause,partition --time 15s --seed 4`: every flag that is not at its default, and the seed. */
export function commandFor(plan: Plan, expected: RunResult['expected']): string {
  const isUsual = plan.electionTimeoutMs.every((ms, i) => ms === ELECTION_TIMEOUT_MS[i]);
  const flags: readonly (readonly [name: string, value: string | null])[] = [
    ['system', differing('system', plan.system)],
    ...Object.entries(plan.foreign?.flags ?? {}),
    ['nodes', differing('nodes', String(plan.nodes))],
    ['workload', differing('workload', plan.workload)],
    ['reads', differing('reads', plan.reads)],
    ['faults', differing('faults', faultsText(plan.requested))],
    ['time', differing('time', formatDuration(plan.timeMs))],
    ['clients', differing('clients', String(plan.clients))],
    ['keys', differing('keys', String(plan.keys))],
    ['rate', plan.rate === null ? null : `${plan.rate}/s`],
    ['mutant', plan.mutant],
    ['election-timeout', isUsual ? null : plan.electionTimeoutMs.map(formatDuration).join('-')],
    ['expect', expected === 'ok' ? null : expected],
    ['seed', plan.seed],
  ];
  const words = flags.flatMap(([name, value]) =>
    value === null ? [] : [`--${name}${value.startsWith('-') ? '=' : ' '}${quoted(value)}`],
  );
  return [`npx stalemate ${verbOf(plan)}`, ...words].join(' ');
}

/** `npx stalemate run --plan results/latest`: for a plan that flags do not describe, by the run's folder that has it. */
export function commandForPlan(folder: string, plan: Plan, expected: RunResult['expected']): string {
  const wanted = expected === 'ok' ? '' : ` --expect ${expected}`;
  return `npx stalemate ${verbOf(plan)} --plan ${quoted(folder)}${wanted}`;
}

function verbOf({ world }: Plan): string {
  return world === undefined ? 'run' : 'sim';
}

function differing(flag: keyof typeof PLAN_DEFAULTS, value: string): string | null {
  return value === PLAN_DEFAULTS[flag] ? null : value;
}

function faultsText(requests: readonly FaultRequest[]): string {
  if (requests.length === 0) return 'none';
  return requests.map(({ kind, target }) => (target === 'any' ? kind : `${kind}:${target}`)).join(',');
}

/** As a POSIX shell reads it back. */
function quoted(word: string): string {
  return /^[\w.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
