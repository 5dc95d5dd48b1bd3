/** Plans in files: a plan by itself, a run's run.json, or the run's folder. What is no plan is refused, and what is wrong with it named. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { FaultStep, Plan, PlannedCall, Trigger } from '../contract/index.ts';
import { DEFAULT_WORLD } from '../explore/index.ts';
import { faults } from '../faults/index.ts';
import { MUTANTS } from '../raft/rules.ts';
import { isReadMode } from '../run/index.ts';
import { findWorkload } from '../../workloads/index.ts';

/** Reads it. Throws a usage error. */
export function readPlan(path: string): Plan {
  const document = parse(path, textOf(path));
  const found = isObject(document) && isObject(document['plan']) ? document['plan'] : document;
  const wrong = whatIsWrong(found);
  if (wrong === null) return found as Plan;
  throw new StalemateError('usage', `--plan ${path}: ${wrong}`, 'see "plan" in the run.json of any run');
}

function textOf(path: string): string {
  try {
    return readFileSync(statSync(path).isDirectory() ? join(path, 'run.json') : path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StalemateError(
      'usage',
      `--plan ${path}: cannot be read (${reason})`,
      'a plan, a run.json or the folder of a run',
    );
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StalemateError('usage', `--plan ${path}: not JSON`, 'a plan, a run.json or the folder of a run');
  }
}

type Fields = Readonly<Record<string, unknown>>;

const NUMBERS = ['nodes', 'clients', 'keys', 'timeMs', 'attemptTimeoutMs', 'operationTimeoutMs', 'witnessTimeoutMs'];
const NODES_MOST = 9;

/** The first thing that is wrong, in words. */
function whatIsWrong(plan: unknown): string | null {
  if (!isObject(plan)) return 'not a plan';
  if (plan['format'] !== 1) return 'not a plan of format 1';
  const system = whatIsWrongWithSystem(plan);
  if (system !== null) return system;
  const number = NUMBERS.find((name) => !isPositive(plan[name]));
  if (number !== undefined) return `${number} is not a positive number`;
  const count = ['nodes', 'clients', 'keys'].find((name) => !Number.isInteger(plan[name]));
  if (count !== undefined) return `${count} is no whole number`;
  if ((plan['nodes'] as number) > NODES_MOST) return `nodes is more than ${NODES_MOST}`;
  const word = ['seed', 'workload', 'reads'].find((name) => typeof plan[name] !== 'string');
  if (word !== undefined) return `${word} is not a string`;
  const { mutant, electionTimeoutMs, calls, rate, thinkMs, workload, reads } = plan;
  if (plan['about'] !== undefined && typeof plan['about'] !== 'string') return 'about is not a string';
  if (!isRange(electionTimeoutMs)) return 'electionTimeoutMs is not a least and a most';
  if (rate !== null && !isPositive(rate)) return 'rate is neither null nor a positive number';
  if (thinkMs !== undefined && typeof thinkMs !== 'number') return 'thinkMs is not a number';
  if (mutant !== null && !(typeof mutant === 'string' && Object.hasOwn(MUTANTS, mutant)))
    return `there is no mutant ${JSON.stringify(mutant)}`;
  const foreign = plan['foreign'] as Plan['foreign'];
  if (!isReadMode(reads as string, foreign?.reads)) return `there are no reads ${JSON.stringify(reads)}`;
  findWorkload(workload as string);
  if (!Array.isArray(plan['requested']) || !plan['requested'].every(isRequest)) return 'requested is no list of faults';
  if (calls !== undefined && !(Array.isArray(calls) && calls.every(isCalls)))
    return 'calls is no list of lists of calls';
  const object = ['world', 'node'].find((name) => plan[name] !== undefined && !isObject(plan[name]));
  if (object !== undefined) return `${object} is no object`;
  const lacking = plan['world'] === undefined ? null : unlike(plan['world'], DEFAULT_WORLD, 'world');
  return lacking === null ? whatIsWrongWithSteps(plan['steps']) : `${lacking} is not what a world has there`;
}

/** Any other system than the bundled one is found when it is started; its read modes stand in the plan. */
function whatIsWrongWithSystem({ system, foreign }: Fields): string | null {
  const unknown = `there is no system ${JSON.stringify(system)}`;
  if (foreign === undefined) return system === 'raft' ? null : unknown;
  if (typeof system !== 'string' || system === 'raft') return unknown;
  const lacking = unlike(foreign, { reads: { promises: {}, strongest: '', nodeLocal: [] }, flags: {} }, 'foreign');
  return lacking === null ? null : `${lacking} is not what a system has there`;
}

/** The path of the first part that is missing, or of another type than in `like`; a count may be null for never. */
function unlike(given: unknown, like: unknown, path: string): string | null {
  if (Array.isArray(like)) return Array.isArray(given) ? null : path;
  if (!isObject(like))
    return typeof given === typeof like || (given === null && typeof like === 'number') ? null : path;
  if (!isObject(given)) return path;
  for (const [name, part] of Object.entries(like)) {
    const found = unlike(given[name], part, `${path}.${name}`);
    if (found !== null) return found;
  }
  return null;
}

function whatIsWrongWithSteps(steps: unknown): string | null {
  if (!Array.isArray(steps)) return 'steps is no list';
  const ids = new Set(steps.map((step) => isObject(step) && step['id']));
  for (const [nth, step] of steps.entries()) {
    if (!isStep(step)) return `steps[${nth}] is no fault step`;
    const trigger = [step.when, step.until].find((it) => it !== undefined && !isTrigger(it));
    if (trigger !== undefined) return `steps[${nth}] waits for ${JSON.stringify(trigger)}, which is no event`;
    const awaited = [step.when, step.until].find((it) => it?.kind === 'fault' && !ids.has(it.id));
    if (awaited !== undefined) return `steps[${nth}] waits for a step that is not there: ${JSON.stringify(awaited)}`;
  }
  return ids.size === steps.length ? null : 'two steps have the same id';
}

function isRequest(it: unknown): boolean {
  return isObject(it) && typeof it['target'] === 'string' && faults.some(({ kind }) => kind === it['kind']);
}

function isStep(it: unknown): it is FaultStep {
  if (!isObject(it)) return false;
  const fault = faults.find(({ kind }) => kind === it['kind']);
  const numbers = ['id', 'atMs', 'forMs', 'maxMs', 'draw'].every((name) => typeof it[name] === 'number');
  const isAimed = it['nodes'] === undefined || isNamesOfNodes(it['nodes']);
  return (
    fault !== undefined &&
    (fault.targets as readonly unknown[]).concat('any').includes(it['target']) &&
    numbers &&
    isAimed
  );
}

/** Nobody is no target: a fault of no node would pass for one that held. */
function isNamesOfNodes(it: unknown): boolean {
  return Array.isArray(it) && it.length > 0 && it.every((id) => typeof id === 'string');
}

/** What each event is told by. */
const TRIGGERS: Readonly<Record<Trigger['kind'], string>> = {
  leader: 'term',
  answered: 'operations',
  fault: 'id',
  append: 'index',
  commit: 'index',
};

function isTrigger(it: unknown): it is Trigger {
  if (!isObject(it) || typeof it['kind'] !== 'string' || !Object.hasOwn(TRIGGERS, it['kind'])) return false;
  const isOfFault = it['kind'] !== 'fault' || it['event'] === 'inject' || it['event'] === 'heal';
  return isOfFault && typeof it[TRIGGERS[it['kind'] as Trigger['kind']]] === 'number';
}

function isCalls(it: unknown): it is readonly PlannedCall[] {
  return (
    Array.isArray(it) &&
    it.every((planned) => isObject(planned) && typeof planned['atMs'] === 'number' && isCall(planned['call']))
  );
}

function isCall(it: unknown): boolean {
  return isObject(it) && typeof it['f'] === 'string';
}

function isRange(it: unknown): boolean {
  return Array.isArray(it) && it.length === 2 && it.every(isPositive) && it[0] <= it[1];
}

function isPositive(it: unknown): boolean {
  return typeof it === 'number' && it > 0;
}

function isObject(it: unknown): it is Fields {
  return typeof it === 'object' && it !== null && !Array.isArray(it);
}
