/** Plans in files: a plan by itself, a run's run.json, or the run's folder. What is no plan is refused, and what is wrong with it named. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { FaultStep, Plan, PlannedCall } from '../contract/index.ts';
import { faults } from '../faults/index.ts';
import { MUTANTS } from '../raft/rules.ts';
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

/** The first thing that is wrong, in words. */
function whatIsWrong(plan: unknown): string | null {
  if (!isObject(plan)) return 'not a plan';
  if (plan['format'] !== 1) return 'not a plan of format 1';
  const number = NUMBERS.find((name) => !isPositive(plan[name]));
  if (number !== undefined) return `${number} is not a positive number`;
  const word = ['seed', 'workload', 'reads'].find((name) => typeof plan[name] !== 'string');
  if (word !== undefined) return `${word} is not a string`;
  const { mutant, electionTimeoutMs, steps, requested, calls, rate, workload } = plan;
  if (!isPair(electionTimeoutMs)) return 'electionTimeoutMs is not a pair of numbers';
  if (rate !== null && !isPositive(rate)) return 'rate is neither null nor a positive number';
  if (mutant !== null && !(typeof mutant === 'string' && Object.hasOwn(MUTANTS, mutant)))
    return `there is no mutant ${JSON.stringify(mutant)}`;
  findWorkload(workload as string);
  if (!Array.isArray(requested)) return 'requested is no list';
  if (!Array.isArray(steps)) return 'steps is no list';
  const step = steps.findIndex((it) => !isStep(it));
  if (step >= 0) return `steps[${step}] is no fault step`;
  if (calls !== undefined && !(Array.isArray(calls) && calls.every(isCalls)))
    return 'calls is no list of lists of calls';
  return plan['world'] === undefined || isObject(plan['world']) ? null : 'world is no object';
}

function isStep(it: unknown): it is FaultStep {
  if (!isObject(it)) return false;
  const fault = faults.find(({ kind }) => kind === it['kind']);
  const numbers = ['id', 'atMs', 'forMs', 'maxMs', 'draw'].every((name) => typeof it[name] === 'number');
  return fault !== undefined && (fault.targets as readonly unknown[]).concat('any').includes(it['target']) && numbers;
}

function isCalls(it: unknown): it is readonly PlannedCall[] {
  return (
    Array.isArray(it) &&
    it.every((call) => isObject(call) && typeof call['atMs'] === 'number' && isObject(call['call']))
  );
}

function isPair(it: unknown): boolean {
  return Array.isArray(it) && it.length === 2 && it.every(isPositive);
}

function isPositive(it: unknown): boolean {
  return typeof it === 'number' && it > 0;
}

function isObject(it: unknown): it is Fields {
  return typeof it === 'object' && it !== null && !Array.isArray(it);
}
