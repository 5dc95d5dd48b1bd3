/**
 * What a timeline shows: a key, a window of time, an instant in it, and the operations drawn. Around an anomaly the window
 * holds the bad operation and everything that proves it bad; in a run without one, the most telling fault.
 */
import type { Anomaly, Call, History, Nanos, Operation } from '../../checker/index.ts';
import { NS_PER_MS } from '../base/time.ts';
import { isProven } from './cause.ts';
import type { FaultSpan } from './fault-spans.ts';
import { clientOf, isLook } from './format.ts';
import type { ProbeIndex } from './probe-index.ts';

/** An operation as a bar. */
export interface Bar {
  readonly id: number;
  readonly client: number;
  readonly input: Call;
  /** `change`: took effect. `read`: answered. `mismatch`: a compare-and-set answered no. `refused`: proven without effect. */
  readonly kind: 'change' | 'read' | 'mismatch' | 'unknown' | 'refused';
  readonly fromNs: Nanos;
  /** Of an unknown: when this client went on, Infinity if it did not. */
  readonly toNs: Nanos;
  readonly operation: Operation | null;
  readonly entryNode: string | undefined;
  /** Why it was refused, or what is known of its fate. */
  readonly note: string;
}

export interface Scene {
  /** `a1` …, or `run` where there is no anomaly. */
  readonly slug: string;
  readonly key: string | undefined;
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
  /** Where the time line stands: the bad operation's invocation. */
  readonly atNs: Nanos;
  readonly bars: readonly Bar[];
  /** Operations of the key in the window; more than bars where some were left out. */
  readonly total: number;
  /** Operations on other keys in the window, and how many there are. */
  readonly others: readonly Bar[];
  readonly othersTotal: number;
  readonly anomaly: Anomaly | null;
  readonly culprit: Operation | null;
  /** Ids of the operations of the shortest history. */
  readonly story: ReadonlySet<number>;
}

interface Window {
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
}

/** The scene of an anomaly, with at most `limit` operations. */
export function anomalyScene(
  anomaly: Anomaly,
  {
    slug,
    bars,
    culprit,
    limit,
    isTimed,
  }: {
    readonly slug: string;
    readonly bars: readonly Bar[];
    readonly culprit: Operation;
    readonly limit: number;
    readonly isTimed: boolean;
  },
): Scene {
  const key = culprit.input.key;
  const ofKey = bars.filter(({ input }) => input.key === key);
  const window = anomalyWindow(anomaly, culprit, {
    bars: ofKey,
    limit,
    leastNs: isTimed ? LEAST_SHOWN_NS : LEAST_SHOWN_EVENTS,
  });
  const story = new Set([
    culprit.id,
    ...(isProven(anomaly) ? anomaly.minimal.map(({ operation }) => operation.id) : []),
  ]);
  if (anomaly.newer !== undefined) story.add(anomaly.newer.operation);
  const drawn = drawnOf({ key, window, story, bars }, limit);
  return { slug, key, ...window, ...drawn, atNs: culprit.callNs, anomaly, culprit, story };
}

/** Of what may be drawn, the part that other keys may take. */
const OTHERS_SHARE = 0.2;

function drawnOf(
  it: {
    readonly key: string | undefined;
    readonly window: Window;
    readonly story: ReadonlySet<number>;
    readonly bars: readonly Bar[];
  },
  limit: number,
): Pick<Scene, 'bars' | 'total' | 'others' | 'othersTotal'> {
  const inside = it.bars.filter((bar) => overlaps(bar, it.window));
  const own = inside.filter(({ input }) => input.key === it.key);
  const elsewhere = inside.filter(({ input }) => input.key !== it.key);
  const kept = Math.min(elsewhere.length, Math.floor(limit * OTHERS_SHARE));
  const bars = thin(own, it.story, limit - kept);
  const others = evenly(elsewhere, limit - bars.length);
  return { bars, total: own.length, others, othersTotal: elsewhere.length };
}

/** As much of what came before as leaves the picture readable, tried from much to little. */
const REACHES = [2.5, 1.6, 1.1];
/** A window is never so short that nothing but the anomaly is in it. */
const LEAST_SHOWN_NS = 15 * NS_PER_MS;
/** The same where times are numbers of events. */
const LEAST_SHOWN_EVENTS = 15;

function anomalyWindow(
  anomaly: Anomaly,
  culprit: Operation,
  { bars, limit, leastNs }: { readonly bars: readonly Bar[]; readonly limit: number; readonly leastNs: number },
): Window {
  const atNs = culprit.callNs;
  const endNs = culprit.outcome.kind === 'ok' ? culprit.outcome.returnNs : atNs;
  const calls = (isProven(anomaly) ? anomaly.minimal : []).map(({ operation }) => operation.callNs);
  const firstNs = calls.reduce((left, right) => Math.min(left, right), atNs);
  const gapNs = anomaly.newer?.gapNs ?? atNs - firstNs;
  const shownNs = Math.max(gapNs, endNs - atNs, leastNs);
  const windows = REACHES.map((reach): Window => {
    const fromNs = Math.min(Math.max(firstNs, atNs - reach * shownNs), atNs - leastNs);
    const lengthNs = Math.max(endNs - fromNs, 1);
    return { fromNs: Math.max(0, fromNs - 0.1 * lengthNs), toNs: endNs + 0.28 * lengthNs };
  });
  return windows.find((window) => bars.filter((bar) => overlaps(bar, window)).length <= limit / 3) ?? windows.at(-1)!;
}

/** Leaves out everything but the story, evenly over the window: reads alone, or writes alone, would be another run. */
function thin(bars: readonly Bar[], story: ReadonlySet<number>, limit: number): readonly Bar[] {
  if (bars.length <= limit) return bars;
  const told = bars.filter(({ id }) => story.has(id));
  const others = bars.filter(({ id }) => !story.has(id));
  const kept = [...evenly(told, limit), ...evenly(others, limit - told.length)];
  return kept.toSorted((left, right) => left.fromNs - right.fromNs);
}

function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: Math.max(0, most) }, (_, at) => list[Math.floor((at * list.length) / most)]!);
}

/** The scene of a run without an anomaly: around the change of leader that a fault brought about, else the first fault. */
export function quietScene({ history, bars, faults, probes }: QuietInput, limit: number): Scene | null {
  if (bars.length === 0) return null;
  const endNs = bars.reduce((latest, bar) => Math.max(latest, bar.fromNs), 0);
  const focus = quietFocus(faults, probes, endNs);
  const window: Window = {
    fromNs: Math.max(0, focus.fromNs),
    toNs: Math.min(focus.toNs, endNs + (history.untimed === true ? 1 : NS_PER_MS)),
  };
  const key = busiestKey(history, window);
  const story = new Set<number>();
  const drawn = drawnOf({ key, window, story, bars }, limit);
  const atNs = Math.min(focus.atNs, window.toNs);
  return { slug: 'run', key, ...window, ...drawn, atNs, anomaly: null, culprit: null, story };
}

interface QuietInput {
  readonly history: History;
  readonly bars: readonly Bar[];
  readonly faults: readonly FaultSpan[];
  readonly probes: ProbeIndex;
}

const QUIET_BEFORE_NS = 250 * NS_PER_MS;
const QUIET_AFTER_NS = 500 * NS_PER_MS;
const QUIET_MOST_NS = 3000 * NS_PER_MS;

function quietFocus(faults: readonly FaultSpan[], probes: ProbeIndex, endNs: Nanos): Window & { readonly atNs: Nanos } {
  const changed = faults.flatMap((fault) => {
    const { leader, nodes, fromNs, toNs } = fault;
    if (leader === null || fault.effective !== true || !nodes.includes(leader.node)) return [];
    const next = probes.leaders.find(
      (belief) => belief.term > leader.term && belief.fromNs >= fromNs && belief.fromNs <= toNs,
    );
    return next === undefined ? [] : [{ fault, atNs: next.fromNs }];
  });
  const best = changed.find(({ fault }) => fault.window) ?? changed[0];
  // A little later, when both the old leader and the new one have had time to answer.
  if (best !== undefined) {
    const settledNs = best.atNs + Math.min(200 * NS_PER_MS, (best.fault.toNs - best.atNs) / 2);
    return around(best.fault.fromNs, settledNs, best.fault.toNs);
  }
  const fault = faults.find(({ effective }) => effective === true) ?? faults[0];
  if (fault !== undefined) return around(fault.fromNs, fault.fromNs, fault.toNs);
  return around(endNs / 2, endNs / 2, endNs / 2);
}

function around(fromNs: Nanos, atNs: Nanos, toNs: Nanos): Window & { readonly atNs: Nanos } {
  const startNs = Math.max(fromNs - QUIET_BEFORE_NS, atNs - QUIET_MOST_NS / 2);
  return { fromNs: startNs, atNs, toNs: Math.min(toNs + QUIET_AFTER_NS, startNs + QUIET_MOST_NS) };
}

function busiestKey(history: History, window: Window): string | undefined {
  const counts = new Map<string | undefined, number>();
  for (const { input, callNs } of history.operations) {
    if (callNs < window.fromNs || callNs > window.toNs) continue;
    counts.set(input.key, (counts.get(input.key) ?? 0) + 1);
  }
  const best = [...counts].toSorted((left, right) => right[1] - left[1])[0];
  return best === undefined ? history.operations[0]?.input.key : best[0];
}

function overlaps(bar: Bar, window: Window): boolean {
  return bar.fromNs <= window.toNs && bar.toNs >= window.fromNs;
}

/** Every operation of a history as a bar, in order of invocation. */
export function barsOf(history: History): readonly Bar[] {
  const nextCall = nextCalls(history);
  const attempted = history.operations.map((operation): Bar => {
    const { id, process, input, callNs, outcome, entryNode } = operation;
    const client = clientOf(process, history.clients);
    const kind = kindOf(operation);
    const toNs = outcome.kind === 'ok' ? outcome.returnNs : (nextCall.get(id) ?? Infinity);
    const note = outcome.kind === 'unknown' ? outcome.reason : '';
    return { id, client, input, kind, fromNs: callNs, toNs, operation, entryNode, note };
  });
  const refused = history.failed.map(({ id, process, input, callNs, returnNs, error }): Bar => ({
    id,
    client: clientOf(process, history.clients),
    input,
    kind: 'refused',
    fromNs: callNs,
    toNs: returnNs,
    operation: null,
    entryNode: undefined,
    note: error,
  }));
  return [...attempted, ...refused].toSorted((left, right) => left.fromNs - right.fromNs);
}

function kindOf({ input, outcome }: Operation): Bar['kind'] {
  if (outcome.kind === 'unknown') return 'unknown';
  if (isLook(input)) return 'read';
  return outcome.output === false ? 'mismatch' : 'change';
}

/** When the client of each operation next asked something: until then it had waited for an answer. */
function nextCalls(history: History): ReadonlyMap<number, Nanos> {
  const calls = [...history.operations, ...history.failed].toSorted((left, right) => right.id - left.id);
  const seen = new Map<number, Nanos>();
  const next = new Map<number, Nanos>();
  for (const { id, process, callNs } of calls) {
    const client = clientOf(process, history.clients);
    const later = seen.get(client);
    if (later !== undefined) next.set(id, later);
    seen.set(client, callNs);
  }
  return next;
}
