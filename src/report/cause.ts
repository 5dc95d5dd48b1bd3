/**
 * Why a read was stale, from node probes: the answering node had been deposed and did not know, or it had not yet applied the newer
 * write, or something is broken (lost-causes.ts). Where the probes show none of it, the report says so; it never guesses.
 */
import type { Anomaly, AnomalyClass, Operation } from '../../checker/index.ts';
import { appliedAgain } from './applied-again.ts';
import type { Cause, Operations } from './cause-kinds.ts';
import { count, instant, isLook, showValue } from './format.ts';
import {
  changeAfter,
  type FirstApplied,
  lostAgain,
  type NodeState,
  nodeStatesAt,
  type ProbeIndex,
} from './probe-index.ts';
import { causeByRoles } from './foreign-causes.ts';
import { lossOf, wentBack, type StaleRead } from './lost-causes.ts';

/** Those of the history, and those that only the anomalies bring along. */
export function operationsById(recorded: readonly Operation[], anomalies: readonly Anomaly[]): Operations {
  const brought = anomalies.flatMap(({ minimal }) => minimal.map(({ operation }) => operation));
  return new Map([...brought, ...recorded].map((operation) => [operation.id, operation]));
}

/** Whether the shortest history is about this very anomaly; where it is not, the proof is another anomaly's. */
export function isProven({ minimal, operation: culprit }: Anomaly): boolean {
  return minimal.some(({ operation }) => operation.id === culprit);
}

/** The cause of a stale read, whatever it is called; null for any other anomaly, and where there are no probes at all. */
export function causeOf(anomaly: Anomaly, probes: ProbeIndex, operations: Operations): Cause | null {
  const culprit = operations.get(anomaly.operation);
  if (culprit === undefined || probes.tracks.length === 0) return null;
  if (anomaly.class !== 'stale-read') {
    const isOld = isLook(culprit.input) && MAY_BE_OLD.includes(anomaly.class);
    return appliedAgain(culprit, probes, operations) ?? (isOld ? outdated(culprit, probes) : null);
  }
  const states = nodeStatesAt(probes, culprit.callNs, culprit.input.key);
  const server = states.find(({ node }) => node === culprit.node);
  if (server === undefined) return NOT_KNOWN;
  const newer = newerEntry(anomaly, culprit, probes);
  return (
    (newer === null ? null : lost(newer, culprit, probes)) ??
    broken(anomaly, culprit, { probes, operations }) ??
    deposed(server, probes) ??
    (newer === null ? null : behind(server, culprit, newer)) ??
    byRoles(anomaly, culprit, { server, probes, operations }) ??
    NOT_KNOWN
  );
}

/** What an old sum, list, set or text is called. */
const MAY_BE_OLD: readonly AnomalyClass[] = ['wrong-count', 'lost', 'no-order'];

/**
 * Of a sum, a list or a set nobody says that it is old, only that it fits nowhere. It is old if the answering node had not yet
 * applied a change of that key that another one had applied before the read began.
 */
function outdated(culprit: Operation, probes: ProbeIndex): Cause | null {
  const { key } = culprit.input;
  const server = nodeStatesAt(probes, culprit.callNs, key).find(({ node }) => node === culprit.node);
  if (server === undefined || key === undefined || culprit.applied === undefined) return null;
  const missed = changeAfter(probes, { key, index: culprit.applied, beforeNs: culprit.callNs });
  if (missed === null) return null;
  return (
    lost(missed, culprit, probes) ??
    wentBack(culprit, key, probes) ??
    deposed(server, probes) ?? {
      kind: 'replica-behind',
      headline: `${server.node} was a replica that had fallen behind.`,
      sentence:
        `It answered from entry ${count(culprit.applied)}, but entry ${count(missed.index)} had changed ${key}, ` +
        `which ${missed.node} had applied at ${instant(missed.atNs)}.`,
    }
  );
}

const NOT_KNOWN: Cause = {
  kind: 'unknown',
  headline: 'Cause not known.',
  sentence: 'The probes of the nodes do not show why.',
};

interface Seen {
  readonly probes: ProbeIndex;
  readonly operations: Operations;
}

function broken(anomaly: Anomaly, read: Operation, seen: Seen): Cause | null {
  const it = staleRead(anomaly, read, seen);
  return it === null ? null : lossOf(it);
}

function byRoles(anomaly: Anomaly, read: Operation, seen: Seen & { readonly server: NodeState }): Cause | null {
  const it = staleRead(anomaly, read, seen);
  return it === null ? null : causeByRoles(it, seen.server);
}

/** Null where it is not known which operation shows the newer value. */
function staleRead({ newer }: Anomaly, read: Operation, { probes, operations }: Seen): StaleRead | null {
  const shown = newer === undefined ? undefined : operations.get(newer.operation);
  const { key } = read.input;
  if (newer === undefined || shown === undefined || key === undefined) return null;
  return { read, newer: shown, newerValue: newer.value, key, probes, operations };
}

/** Where the newer value was applied first; null where the probes do not tell. */
function newerEntry({ newer }: Anomaly, { input: { key } }: Operation, probes: ProbeIndex): FirstApplied | null {
  if (newer === undefined || key === undefined) return null;
  return probes.firstApplied.get(key)?.get(showValue(newer.value)) ?? null;
}

/** An applied entry is committed, and no correct node's log ever ends before it again. */
function lost(entry: FirstApplied, culprit: Operation, probes: ProbeIndex): Cause | null {
  const loss = lostAgain(probes, entry, culprit.callNs);
  if (loss === null) return null;
  return {
    kind: 'lost-entry',
    headline: `${entry.node} had lost an entry that it had applied.`,
    sentence:
      `It had applied entry ${count(entry.index)} to ${culprit.input.key ?? ''} at ${instant(entry.atNs)}; ` +
      `at ${instant(loss.atNs)} its log ended with entry ${count(loss.lastIndex)}.`,
  };
}

function deposed(server: NodeState, { leaders }: ProbeIndex): Cause | null {
  const since = server.deposedSinceNs;
  if (since === null) return null;
  const next = leaders.find(({ node, term }) => node !== server.node && term > server.term)!;
  return {
    kind: 'deposed-leader',
    headline: `${server.node} had been deposed and did not know.`,
    sentence:
      `${next.node} won term ${count(next.term)} at ${instant(next.fromNs)}; ${server.node}, still leading term ` +
      `${count(server.term)} in its own eyes, answered${fromCommit(server)}.`,
  };
}

/** Of nodes that do not tell what they commit nothing is said. */
function fromCommit({ commitIndex }: NodeState): string {
  return commitIndex === 0 ? '' : ` from commit ${count(commitIndex)}`;
}

function behind(server: NodeState, culprit: Operation, first: FirstApplied): Cause | null {
  const reached = culprit.applied ?? server.commitIndex;
  // What nobody had applied yet, nobody could lag behind.
  if (reached >= first.index || first.atNs > culprit.callNs) return null;
  return {
    kind: 'replica-behind',
    headline: `${server.node} was a replica that had fallen behind.`,
    sentence:
      `It answered from commit ${count(reached)}, but ${culprit.input.key ?? ''} = ${showValue(first.value)} is entry ${count(first.index)}, ` +
      `which ${first.node} had applied at ${instant(first.atNs)}.`,
  };
}

/** Anomalies of one class and cause. The groups are exclusive: their sizes add up to the number of anomalies. */
export interface AnomalyGroup {
  readonly name: string;
  readonly members: readonly Anomaly[];
  /** The first that has a proof of its own, or else the first. */
  readonly shown: Anomaly;
  readonly worstNs: number | null;
}

/** In order of their first anomaly. */
export function groupAnomalies(
  anomalies: readonly Anomaly[],
  probes: ProbeIndex,
  operations: Operations,
): readonly AnomalyGroup[] {
  const groups = new Map<string, Anomaly[]>();
  for (const anomaly of anomalies) {
    const name = groupName(anomaly.class, causeOf(anomaly, probes, operations));
    const members = groups.get(name) ?? [];
    members.push(anomaly);
    groups.set(name, members);
  }
  return [...groups].map(([name, members]) => {
    const gaps = members.flatMap(({ newer }) => (newer === undefined ? [] : [newer.gapNs]));
    const shown = members.find(isProven) ?? members[0]!;
    return {
      name,
      members,
      shown,
      worstNs: gaps.length === 0 ? null : gaps.reduce((left, right) => Math.max(left, right)),
    };
  });
}

function groupName(kind: AnomalyClass, cause: Cause | null): string {
  return cause === null || cause.kind === 'unknown' ? CLASS_NAMES[kind] : CAUSE_NAMES[cause.kind];
}

const CAUSE_NAMES: Readonly<Record<Exclude<Cause['kind'], 'unknown'>, string>> = {
  'replica-behind': 'Replica had fallen behind',
  'deposed-leader': 'Deposed leader answered',
  'lost-entry': 'Acknowledged write was lost',
  'acknowledged-early': 'Acknowledged before it was committed',
  'applied-twice': 'Write was applied twice',
  'dirty-read': 'Read before it was committed',
  'went-back': 'Time ran backwards',
};

const CLASS_NAMES: Readonly<Record<AnomalyClass, string>> = {
  'stale-read': 'Stale read',
  'never-written': 'Value never written',
  'failed-write-read': 'Refused write was read',
  'future-read': 'Read before it was written',
  'lost-update': 'Lost update',
  'impossible-mismatch': 'Impossible mismatch',
  'two-holders': 'Two holders of one lock',
  'not-held': 'Released without being held',
  duplicate: 'Taken out twice',
  lost: 'Lost',
  'out-of-order': 'Out of order',
  'wrong-count': 'Wrong count',
  'no-order': 'No order explains it',
};

/** `47 stale reads`, `3 anomalies of 2 kinds`. */
export function countAnomalies(anomalies: readonly Anomaly[]): string {
  const kinds = new Set(anomalies.map((anomaly) => anomaly.class));
  if (anomalies.length === 1) return kinds.has('stale-read') ? '1 stale read' : '1 anomaly';
  if (kinds.size === 1 && kinds.has('stale-read')) return `${count(anomalies.length)} stale reads`;
  return kinds.size === 1
    ? `${count(anomalies.length)} anomalies of one kind`
    : `${count(anomalies.length)} anomalies of ${kinds.size} kinds`;
}
