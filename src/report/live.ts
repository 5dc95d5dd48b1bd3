/** What a terminal shows while something runs: a few lines that are drawn again and again. Six at most, none wider than the screen. */
import { printable } from './escape.ts';
import { count } from './format.ts';

/** Where a run stands. Rates and latencies are of the last seconds. */
export interface LiveRun {
  readonly elapsedMs: number;
  readonly timeMs: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly perSecond: number;
  /** Null where nothing was answered lately. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
  /** What each node last believed, by its own probes; empty for systems that have none. */
  readonly roles: readonly NodeRole[];
  /** What holds now, in words. */
  readonly faults: readonly string[];
}

export interface NodeRole {
  readonly node: string;
  readonly role: string;
  readonly term: number;
}

/** Five lines of a run, six where several faults hold. */
export function liveRunLines(run: LiveRun): readonly string[] {
  const { elapsedMs, timeMs, ok, fail, unknown, perSecond, latencyMs, roles, faults } = run;
  const seconds = `${(Math.min(elapsedMs, timeMs) / 1000).toFixed(1)} / ${timeMs / 1000} s`;
  const latency = latencyMs === null ? 'no answer lately' : `p50 ${ms(latencyMs.p50)}   p99 ${ms(latencyMs.p99)}`;
  const [first, second, ...others] = faults;
  const more = others.length === 0 ? (second ?? null) : `${second}, and ${others.length} more`;
  return [
    `${bar(elapsedMs / timeMs)} ${seconds}`,
    labelled('ops', `${count(ok)} ok (${count(perSecond)}/s)   ${count(fail)} failed   ${count(unknown)} unknown`),
    labelled('latency', latency),
    ...(roles.length === 0 ? [] : [labelled('nodes', sayRoles(roles))]),
    labelled('fault', first ?? 'none'),
    ...(more === null ? [] : [labelled('', more)]),
  ];
}

/** Two lines, or three, of what is counted: schedules, runs of a campaign, mutants. */
export function liveCountLines({ done, all, words, now }: LiveCount): readonly string[] {
  return [
    `${bar(done / all)} ${count(done)} of ${count(all)}`,
    `  ${words}`,
    ...(now === undefined ? [] : [labelled('now', now)]),
  ];
}

export interface LiveCount {
  readonly done: number;
  readonly all: number;
  readonly words: string;
  /** What is under way. */
  readonly now?: string;
}

const BAR_WIDTH = 32;

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return `  ${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`;
}

function labelled(name: string, text: string): string {
  return `  ${name.padEnd(9)}${printable(text)}`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

const RANKS = ['leader', 'candidate', 'pre-candidate', 'follower', 'learner'];

/** `leader n1 (term 3), candidate n4 (term 5), follower n2 n3`: a term is said where it is not the leader's. */
function sayRoles(roles: readonly NodeRole[]): string {
  const newest = roles.reduce((high, { term }) => Math.max(high, term), 0);
  const groups = new Map<
    string,
    { readonly rank: number; readonly role: string; readonly nodes: string[]; term: number }
  >();
  for (const { node, role, term } of roles) {
    const name = `${role} ${term}`;
    const group = groups.get(name) ?? { rank: RANKS.indexOf(role), role, nodes: [], term };
    group.nodes.push(node);
    groups.set(name, group);
  }
  return [...groups.values()]
    .toSorted((left, right) => right.term - left.term || left.rank - right.rank)
    .map(({ role, nodes, term }, at) => {
      const told = at === 0 || term !== newest ? ` (term ${term})` : '';
      return `${role} ${nodes.toSorted().join(' ')}${told}`;
    })
    .join(', ');
}
