/**
 * A hand-made run for the report's tests: five nodes, eight clients, local reads. n1 leads term 3 until a partition cuts it
 * off at 4.0 s; n3 wins term 4 at 4.5 s; a witness of n1 goes on reading the old value until the heal at 5.6 s.
 */
import { register, type Anomaly, type Call, type History, type Json, type Operation } from '../../checker/index.ts';
import { keyed } from '../../src/base/random.ts';
import type { FaultLine, Plan, Probe, ProbeBody, RunResult } from '../../src/contract/index.ts';
import { agesOf, type ReportData } from '../../src/report/index.ts';

const MS = 1_000_000;
export const CUT_NS: number = 4000 * MS;
const ELECTED_NS: number = 4500 * MS;
export const HEAL_NS: number = 5600 * MS;
const END_NS = 8000 * MS;
const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const CLIENTS = 8;
/** The client that stays with one node. */
const WITNESS = CLIENTS - 1;

/** The run with its stale reads. */
export function staleRun(): ReportData {
  const { history, probes } = record(true);
  const anomalies = staleReads(history);
  return {
    result: resultOf(history, anomalies),
    plan: PLAN,
    history,
    ages: agesOf(history, register),
    faults: FAULTS,
    probes,
  };
}

/** The same run with reads that ask the leader first: nothing to find. */
export function quietRun(): ReportData {
  const { history, probes } = record(false);
  return {
    result: resultOf(history, []),
    plan: PLAN,
    history,
    ages: agesOf(history, register),
    faults: FAULTS,
    probes,
  };
}

const PLAN: Plan = {
  format: 1,
  system: 'raft',
  nodes: 5,
  workload: 'register',
  reads: 'local',
  clients: 7,
  keys: 1,
  timeMs: 8000,
  seed: 'fixture',
  rate: null,
  mutant: null,
  electionTimeoutMs: [150, 300],
  attemptTimeoutMs: 200,
  operationTimeoutMs: 1000,
  witnessTimeoutMs: 100,
  requested: [
    { kind: 'partition', target: 'leader' },
    { kind: 'pause', target: 'any' },
  ],
  steps: [],
};

const FAULTS: readonly FaultLine[] = [
  {
    event: 'inject',
    id: 1,
    time: 1500 * MS,
    kind: 'pause',
    target: 'any',
    nodes: ['n5'],
    leader: { node: 'n1', term: 3 },
    about: 'Pause: n5',
    evidence: 'process state T',
  },
  { event: 'heal', id: 1, time: 2300 * MS, effective: true, evidence: 'process state S', window: false },
  {
    event: 'inject',
    id: 2,
    time: CUT_NS,
    kind: 'partition',
    target: 'leader',
    nodes: ['n1'],
    sides: [['n1'], ['n2', 'n3', 'n4', 'n5']],
    leader: { node: 'n1', term: 3 },
    about: 'Partition: n1 cut off from n2 n3 n4 n5',
    evidence: 'links silent',
  },
  { event: 'heal', id: 2, time: HEAL_NS, effective: true, evidence: 'links silent for 1,600 ms', window: true },
  { event: 'skip', id: 3, time: 7000 * MS, kind: 'pause', target: 'leader', reason: 'no leader known' },
];

interface Write {
  readonly value: number;
  readonly ackNs: number;
}

/** Clients take turns; a write takes effect at its return, so the history without the witness's old reads is linearizable. */
function record(stale: boolean): { readonly history: History; readonly probes: readonly Probe[] } {
  const random = keyed('fixture');
  const operations: Operation[] = [];
  const probes: Probe[] = startProbes();
  const writes: Write[] = [];
  let fourth = 4;
  let index = 0;
  for (let at = 30 * MS; at < END_NS; at += Math.round((4 + 9 * random.next()) * MS)) {
    const writer = random.next() < 0.2 && (at < CUT_NS - 30 * MS || at > ELECTED_NS + 20 * MS);
    const turn = Math.floor(random.next() * WITNESS);
    const process = turn === 4 ? fourth : turn;
    const value = writes.length + 1;
    const returnNs = at + Math.round((1.5 + 2 * random.next()) * MS);
    const isolated = at >= CUT_NS && at < HEAL_NS;
    const entryNode = NODES[isolated ? 1 + (turn % 4) : turn % 5]!;
    if (writer) {
      operations.push(
        operation({ id: index, process, f: 'write', value, output: null, callNs: at, returnNs, node: entryNode }),
      );
      writes.push({ value, ackNs: returnNs });
      probes.push(...writeProbes(value, returnNs));
    } else {
      operations.push(
        operation({
          id: index,
          process,
          f: 'read',
          value: null,
          output: writes.at(-1)?.value ?? null,
          callNs: at,
          returnNs,
          node: entryNode,
        }),
      );
    }
    index += 2;
    if (process === 4 && at > ELECTED_NS) {
      // Client 4 crashes once, and goes on under a new number.
      operations.push({
        id: index,
        process,
        input: { f: 'write', key: 'x', value: 9999 },
        callNs: returnNs + 50_000,
        outcome: { kind: 'unknown', reason: 'timeout' },
        entryNode,
      });
      fourth += CLIENTS;
      index += 2;
    }
    if (random.next() < 0.2) {
      const old = stale && isolated ? writes.findLast(({ ackNs }) => ackNs < CUT_NS)! : writes.at(-1);
      const from = stale || !isolated ? 'n1' : 'n3';
      const callNs = returnNs + 100_000;
      operations.push(
        operation({
          id: index,
          process: WITNESS,
          f: 'read',
          value: null,
          output: old?.value ?? null,
          callNs,
          returnNs: callNs + MS,
          node: from,
        }),
      );
      index += 2;
    }
    at = returnNs + MS;
  }
  const failed = [
    {
      id: index,
      process: 2,
      input: { f: 'write', key: 'x', value: 10_000 },
      callNs: CUT_NS + 40 * MS,
      returnNs: CUT_NS + 60 * MS,
      error: 'no leader',
    },
  ];
  return { history: { operations, failed, clients: CLIENTS, warnings: [] }, probes };
}

interface Spec {
  readonly id: number;
  readonly process: number;
  readonly f: string;
  readonly value: Json;
  readonly output: Json;
  readonly callNs: number;
  readonly returnNs: number;
  readonly node: string;
}

/** An answered operation on x. */
export function operation({ id, process, f, value, output, callNs, returnNs, node }: Spec): Operation {
  const input: Call = { f, key: 'x', value };
  return { id, process, input, callNs, outcome: { kind: 'ok', output, returnNs }, entryNode: node, node };
}

function startProbes(): Probe[] {
  const at = (time: number, node: string, body: ProbeBody): Probe => ({ time, node, ...body });
  return [
    ...NODES.map((node, nth) =>
      at(nth * MS, node, { kind: 'start', term: 0, votedFor: null, lastIndex: 0, lastTerm: 0, commitIndex: 0 }),
    ),
    at(10 * MS, 'n1', { kind: 'role', role: 'candidate', term: 3, leader: null }),
    at(14 * MS, 'n1', { kind: 'role', role: 'leader', term: 3, leader: 'n1' }),
    ...NODES.slice(1).map((node) => at(16 * MS, node, { kind: 'role', role: 'follower', term: 3, leader: 'n1' })),
    at(ELECTED_NS - 60 * MS, 'n3', { kind: 'role', role: 'pre-candidate', term: 3, leader: null }),
    at(ELECTED_NS - 40 * MS, 'n3', { kind: 'role', role: 'candidate', term: 4, leader: null }),
    at(ELECTED_NS, 'n3', { kind: 'role', role: 'leader', term: 4, leader: 'n3' }),
    ...['n2', 'n4', 'n5'].map((node) =>
      at(ELECTED_NS + 2 * MS, node, { kind: 'role', role: 'follower', term: 4, leader: 'n3' }),
    ),
    at(HEAL_NS + 20 * MS, 'n1', { kind: 'role', role: 'follower', term: 4, leader: 'n3' }),
  ];
}

/** Every node that can be reached appends, commits and applies; n1 catches up after the heal. */
function writeProbes(value: number, ackNs: number): readonly Probe[] {
  const entryTerm = ackNs < ELECTED_NS ? 3 : 4;
  const index = value + entryTerm - 2;
  return NODES.flatMap((node, nth): readonly Probe[] => {
    const cutOff = node === 'n1' && ackNs >= CUT_NS && ackNs < HEAL_NS;
    const time = cutOff ? HEAL_NS + 25 * MS + value * 1000 : ackNs - MS + nth * 300_000;
    return [
      { time: time - 400_000, node, kind: 'append', index, entryTerm, chain: index },
      { time, node, kind: 'commit', index, term: entryTerm },
      { time, node, kind: 'apply', index, key: 'x', value },
    ];
  });
}

/** Stale by the definition of the checker's documentation; in this history every R(v) is the write's return. */
function staleReads(history: History): readonly Anomaly[] {
  const writes = history.operations.filter(({ input, outcome }) => input.f === 'write' && outcome.kind === 'ok');
  const bad = history.operations.flatMap((read) => {
    if (read.input.f !== 'read' || read.outcome.kind !== 'ok') return [];
    const value = read.outcome.output;
    const own = writes.find(({ input }) => input.value === value);
    const newer =
      own === undefined ? undefined : writes.find((write) => write.callNs > ack(own) && ack(write) < read.callNs);
    return own === undefined || newer === undefined ? [] : [{ read, own, newer }];
  });
  return bad.map(({ read, own, newer }, at): Anomaly => {
    const gapNs = read.callNs - ack(newer);
    return {
      id: `a${at + 1}`,
      class: 'stale-read',
      part: 'x',
      sentence: `Client ${read.process % CLIENTS} read x = ${JSON.stringify((read.outcome as { output: Json }).output)} from ${read.node} at ${(read.callNs / 1e9).toFixed(3)} s, although x = ${JSON.stringify(newer.input.value)} had been acknowledged ${Math.round(gapNs / MS)} ms before.`,
      operation: read.id,
      newer: { operation: newer.id, value: newer.input.value, sinceNs: ack(newer), gapNs, versions: 1 },
      minimal: [
        { operation: own, pinned: true, why: 'The value that was read has this writer.' },
        { operation: newer, pinned: false, why: 'Began after the first had ended, so it overwrote it.' },
        { operation: read, pinned: false, why: `Began ${Math.round(gapNs / MS)} ms after the second had ended.` },
      ],
    };
  });
}

function ack({ outcome }: Operation): number {
  return outcome.kind === 'ok' ? outcome.returnNs : Infinity;
}

function resultOf(history: History, anomalies: readonly Anomaly[]): RunResult {
  const ok = history.operations.filter(({ outcome }) => outcome.kind === 'ok');
  const reads = ok.filter(({ input }) => input.f === 'read').length;
  return {
    format: 1,
    run: '20261123T090000Z-raft-register-fixture',
    seed: 'fixture',
    command:
      'npx stalemate run --nodes 5 --reads local --workload register --faults partition:leader,pause --time 8s --clients 7 --keys 1 --seed fixture',
    verdict: anomalies.length > 0 ? 'not-linearizable' : 'linearizable',
    reason: null,
    expected: 'ok',
    exit: anomalies.length > 0 ? 1 : 0,
    interrupted: false,
    system: { name: 'stalemate-raft', version: '0.1.0', nodes: 5 },
    workload: 'register',
    reads: 'local',
    promise: 'linearizable',
    ops: {
      total: history.operations.length + history.failed.length,
      ok: ok.length,
      fail: history.failed.length,
      unknown: history.operations.length - ok.length,
      mismatch: 0,
      okDuringFaults: ok.filter(({ callNs }) => callNs > CUT_NS && callNs < HEAL_NS).length,
      reads,
      writes: ok.length - reads,
    },
    faults: [
      { kind: 'pause', total: 2, effective: 1, windows: 0 },
      { kind: 'partition', total: 1, effective: 1, windows: 1 },
    ],
    leaderChanges: 1,
    startedMs: 800,
    readyMs: 900,
    durationNs: END_NS,
    eventLoopDelayMs: { p99: 2, max: 9 },
    check: { keys: 1, decided: 1, steps: 5000, seconds: 0.02 },
    staleness: { reads: anomalies.length, p50Ms: 420, maxMs: 1010 },
    anomalyCount: anomalies.length,
    anomalies,
    invariants: [],
    finalReads: { keys: 1, missing: [] },
  };
}
