/** The flags that describe a plan: those of `run`, and of `sim`, which means the same by them. */
import { randomBytes } from 'node:crypto';
import { parseDurationMs } from '../base/duration.ts';
import { StalemateError } from '../base/errors.ts';
import type { Capability, Plan, RunResult, SystemFacts } from '../contract/index.ts';
import { faults } from '../faults/index.ts';
import { MUTANTS } from '../raft/rules.ts';
import { makePlan, PLAN_DEFAULTS } from '../run/index.ts';
import { SYSTEM_NAMES } from '../systems/names.ts';
import { workloads } from '../../workloads/index.ts';
import { text, type Flag, type Given } from './command.ts';

const EXPECTATIONS = ['ok', 'violation', 'any'] as const;
const SYSTEM_WORDS = `the system under test: ${SYSTEM_NAMES.join(', ')}`;
const DEFAULT_ELECTION_TIMEOUT = '150ms-300ms';

export const PLAN_FLAGS: Readonly<Record<string, Flag>> = {
  system: { type: 'string', default: PLAN_DEFAULTS.system, describe: SYSTEM_WORDS },
  'bin-dir': {
    type: 'string',
    describe: 'folder with the programs of another system, a Debian package unpacked for instance',
  },
  'system-cmd': {
    type: 'string',
    describe: "command that starts one node which speaks Maelstrom's lin-kv protocol, in any language",
  },
  endpoints: {
    type: 'string',
    describe: 'host:port of each node of a cluster that runs already; --system says how clients speak to it',
  },
  'fault-cmd': {
    type: 'list',
    describe: "how to hurt it: pause='… {node}' heal='… {node}'; also kill, and cut or slow with {from} and {to}",
  },
  nodes: {
    type: 'string',
    default: `${PLAN_DEFAULTS.nodes}, of another system 3`,
    describe: 'number of nodes, 1 to 9',
  },
  workload: {
    type: 'string',
    default: PLAN_DEFAULTS.workload,
    describe: workloads.map(({ name }) => name).join(', '),
  },
  reads: {
    type: 'string',
    default: PLAN_DEFAULTS.reads,
    describe:
      'of raft read-index, lease, log, leader (may be stale) or local (may be stale), of others as stalemate doctor says; queue and lock have no reads',
  },
  faults: {
    type: 'string',
    default: PLAN_DEFAULTS.faults,
    describe: `kinds, each with a target if you like (partition:leader, power-loss:all), or none; there are ${faults
      .map(({ kind }) => kind)
      .join(', ')}`,
  },
  time: { type: 'string', default: PLAN_DEFAULTS.time, describe: 'how long clients are busy: 500ms, 20s, 2m' },
  clients: { type: 'string', default: PLAN_DEFAULTS.clients, describe: 'number of concurrent clients' },
  keys: { type: 'string', default: PLAN_DEFAULTS.keys, describe: 'number of keys: registers, queues, locks …' },
  rate: { type: 'string', describe: 'operations per second over all clients (default: as fast as they can)' },
  seed: {
    type: 'string',
    describe: 'any string; the same one asks the same and hurts the same (default: drawn and printed)',
  },
  mutant: {
    type: 'string',
    describe: `none, or a bundled node with one rule broken: ${Object.entries(MUTANTS)
      .map(([id, { name }]) => `${id} ${name}`)
      .join(', ')}`,
  },
  'election-timeout': {
    type: 'string',
    default: DEFAULT_ELECTION_TIMEOUT,
    describe: 'least and most, drawn anew for each election',
  },
};

/** Flags that say what becomes of what was found. */
export const OUTCOME_FLAGS: Readonly<Record<string, Flag>> = {
  expect: { type: 'string', default: 'ok', describe: 'ok, violation or any: what exits with 0' },
  out: { type: 'string', default: 'results', describe: 'folder that gets a folder for the run' },
  name: { type: 'string', describe: "name of the run's folder (default: time, system, workload and seed)" },
  quiet: { type: 'boolean', describe: 'no progress, only the summary' },
  json: { type: 'boolean', describe: 'result.json on standard output, words on standard error' },
};

/** What a plan is made for: the bundled node, in one world or the other, or another system. */
export interface Aim {
  readonly can: ReadonlySet<Capability>;
  readonly foreign?: SystemFacts | undefined;
}

/** The flags as a plan. The seed decides everything else that is drawn. */
export function planOf(given: Given, { can, foreign }: Aim): Plan {
  const ofRaft = ['mutant', 'election-timeout'].find((name) => text(given, name) !== undefined);
  if (foreign !== undefined && ofRaft !== undefined)
    throw new StalemateError('usage', `--${ofRaft} with --system ${foreign.name}: only raft has that`, 'leave it out');
  const ofOthers = ['bin-dir', 'system-cmd', 'endpoints', 'fault-cmd'].find((name) => given[name] !== undefined);
  if (foreign === undefined && ofOthers !== undefined)
    throw new StalemateError('usage', `--${ofOthers}: not for the bundled raft`, 'stalemate run, and another --system');
  const names = [
    'system',
    'nodes',
    'workload',
    'reads',
    'faults',
    'time',
    'clients',
    'keys',
    'rate',
    'mutant',
  ] as const;
  const flags = Object.fromEntries(names.map((name) => [name, text(given, name)]));
  return makePlan(
    { ...flags, seed: seedOf(given) },
    {
      can,
      foreign,
      mutants: Object.keys(MUTANTS),
      electionTimeoutMs: electionTimeout(text(given, 'election-timeout') ?? DEFAULT_ELECTION_TIMEOUT),
    },
  );
}

/** As given, or a fresh one. */
export function seedOf(given: Given): string {
  return text(given, 'seed') ?? randomBytes(4).toString('hex');
}

/** `150ms-300ms`. Both ends matter: the least bounds how soon a leader is missed, the width how often votes are split. */
function electionTimeout(range: string): Plan['electionTimeoutMs'] {
  const [least, most, ...rest] = range.split('-').map((it) => parseDurationMs(it, '--election-timeout'));
  if (least !== undefined && most !== undefined && rest.length === 0 && least >= 20 && most > least)
    return [least, most];
  throw new StalemateError(
    'usage',
    `--election-timeout ${range}: not a range`,
    `least and most, 20ms or longer: ${DEFAULT_ELECTION_TIMEOUT}`,
  );
}

/** What is wanted of the run. */
export function expectationOf(given: Given): RunResult['expected'] {
  const word = text(given, 'expect') ?? 'ok';
  const found = EXPECTATIONS.find((it) => it === word);
  if (found === undefined)
    throw new StalemateError('usage', `--expect ${word}: no such expectation`, `one of ${EXPECTATIONS.join(', ')}`);
  return found;
}
