/** The engine against brute force: every order of small histories, and a plain search on longer ones. */
import { expect, test } from 'vitest';
import {
  casRegister,
  check,
  register,
  staleness,
  type History,
  type Json,
  type Operation,
  type Verdict,
} from '../../checker/index.ts';
import { tableOf } from '../../checker/history/table.ts';
import { normalise } from '../../checker/linear/normalise.ts';
import { registerProblem } from '../../checker/linear/problem.ts';
import { registerPartsOf, type RegisterModel } from '../../checker/linear/register-part.ts';
import { search } from '../../checker/linear/search.ts';
import { keyed } from '../../src/base/random.ts';
import { randomHistory, type Shape } from './generate.ts';
import { faultOf, hasOrder, hasOrderBySets } from './oracle.ts';

/** `STALEMATE_SEED=… npx vitest run test/checker/oracle.test.ts` replays one history of each test. */
const only = process.env['STALEMATE_SEED'];
const CAS_REGISTER = casRegister as RegisterModel<Json>;
const BUDGET = { maxSteps: 2_000_000, maxBytes: 1 << 28 };

interface Counts {
  histories: number;
  violations: number;
  crashed: number;
  mismatches: number;
}

/** Judges `histories` random histories and holds each verdict against the oracle. */
function compare(
  histories: number,
  shapeOf: (seed: string) => Shape,
  oracle: (operations: readonly Operation[]) => boolean,
): Counts {
  const counts = { histories: 0, violations: 0, crashed: 0, mismatches: 0 };
  const seeds = only === undefined ? Array.from({ length: histories }, (_none, i) => `h${i}`) : [only];
  for (const seed of seeds) {
    const shape = shapeOf(seed);
    const operations = randomHistory(keyed(seed, 'history'), shape);
    const expected = oracle(operations) ? 'ok' : 'violation';
    const problem = disagreement(operations, shape, expected);
    if (problem !== undefined) {
      const lines = operations.map((operation) => JSON.stringify(operation)).join('\n');
      throw new Error(
        `seed ${seed}: ${problem}\n${lines}\nSTALEMATE_SEED=${seed} npx vitest run test/checker/oracle.test.ts`,
      );
    }
    counts.histories++;
    counts.violations += Number(expected === 'violation');
    counts.crashed += Number(operations.some(({ outcome }) => outcome.kind === 'unknown'));
    counts.mismatches += Number(operations.some(({ outcome }) => outcome.kind === 'ok' && outcome.output === false));
  }
  return counts;
}

function disagreement(
  operations: readonly Operation[],
  shape: Shape,
  expected: 'ok' | 'violation',
): string | undefined {
  const history: History = { operations, failed: [], warnings: [] };
  const verdict = check(history, shape.cas ? casRegister : register, BUDGET);
  if (verdict.kind !== expected) return `the checker says ${verdict.kind}, the oracle ${expected}`;
  const searched = searchAlone(operations);
  if (searched !== expected) return `the search alone says ${searched}, the oracle ${expected}`;
  return expected === 'ok' ? faultOfOk(history, verdict) : faultOfViolation(operations, verdict);
}

/** The search without the stages before it and without their hints: on most histories they would decide. */
function searchAlone(operations: readonly Operation[]): string {
  const [only] = registerPartsOf(tableOf({ operations, failed: [], warnings: [] }), CAS_REGISTER);
  if (only === undefined) return 'ok';
  const { part } = only;
  const result = search(registerProblem(part, normalise(part, { keepForMismatches: true }), undefined), BUDGET);
  return result.kind === 'found' ? 'ok' : result.kind === 'none' ? 'violation' : 'unknown';
}

function faultOfOk(history: History, verdict: Verdict): string | undefined {
  const [part] = verdict.parts;
  if (part?.kind !== 'ok') return 'no order';
  const stale = staleness(history, casRegister)
    .flatMap(({ reads }) => reads)
    .find(({ versions }) => versions > 0);
  if (stale !== undefined) return `read ${stale.operation} counts as stale in a linearizable history`;
  return faultOf(history.operations, part.order);
}

/** Every minimal history must be bad by the oracle, and good without any one operation that is not pinned. */
function faultOfViolation(operations: readonly Operation[], verdict: Verdict): string | undefined {
  const [part] = verdict.parts;
  if (part?.kind !== 'violation') return 'no counterexample';
  if (verdict.anomalies.length === 0) return 'no anomaly';
  for (const { minimal, class: kind } of [...verdict.anomalies, { ...part.counterexample, class: 'counterexample' }]) {
    const members = minimal.map(({ operation, as }) => (as === undefined ? operation : asWrite(operation, as)));
    if (hasOrderBySets(members)) return `the minimal history of ${kind} has an order`;
    for (const [i, { operation, pinned }] of minimal.entries()) {
      if (pinned || hasOrderBySets(members.filter((_member, other) => other !== i))) continue;
      return `the minimal history of ${kind} still has no order without operation ${operation.id}`;
    }
  }
  return faultOfPrefix(operations, part.counterexample.prefix);
}

/** The prefix must be an order of what it holds. */
function faultOfPrefix(operations: readonly Operation[], prefix: readonly number[]): string | undefined {
  return faultOf(
    operations.filter(({ id }) => prefix.includes(id)),
    prefix,
  );
}

function asWrite(operation: Operation, as: Operation['input']): Operation {
  const { outcome } = operation;
  return { ...operation, input: as, outcome: outcome.kind === 'ok' ? { ...outcome, output: null } : outcome };
}

function shape(seed: string, low: number, high: number): Shape {
  const random = keyed(seed, 'shape');
  return {
    operations: random.between(low, high),
    processes: random.between(2, 5),
    values: random.pick([0, 2, 3, 5]),
    cas: random.chance(0.7),
    crashChance: random.pick([0, 0.1, 0.4]),
    mutations: random.int(7),
  };
}

test('agrees with every order of up to 8 operations', () => {
  const { histories, violations, crashed, mismatches } = compare(20_000, (seed) => shape(seed, 1, 8), hasOrder);
  if (only !== undefined) return;
  expect(violations / histories).toBeGreaterThan(0.25);
  expect(violations / histories).toBeLessThan(0.75);
  expect(crashed / histories).toBeGreaterThan(0.3);
  expect(mismatches / histories).toBeGreaterThan(0.2);
}, 120_000);

test('agrees with a plain search on histories of 10 to 24 operations', () => {
  const { histories, violations, crashed, mismatches } = compare(1_500, (seed) => shape(seed, 10, 24), hasOrderBySets);
  if (only !== undefined) return;
  expect(violations / histories).toBeGreaterThan(0.25);
  expect(violations / histories).toBeLessThan(0.75);
  expect(crashed / histories).toBeGreaterThan(0.3);
  expect(mismatches / histories).toBeGreaterThan(0.2);
}, 120_000);
