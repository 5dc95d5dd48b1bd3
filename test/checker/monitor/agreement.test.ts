/**
 * The monitors against the definition of linearizability: what they say, the orders they give, and the evidence.
 * `STALEMATE_MONITOR_HISTORIES=200000` asks for so many small histories of each structure.
 */
import { expect, test } from 'vitest';
import type { Operation } from '../../../checker/index.ts';
import { monitor } from '../../../checker/monitor/monitor.ts';
import { verifyCollection } from '../../../checker/monitor/verify-collection.ts';
import { faultOfMinimal } from '../agreement.ts';
import { faultOf, hasOrder, hasOrderBySets } from '../model/oracle-model.ts';
import {
  explained,
  firstImpossible,
  isPlain,
  partOf,
  randomOperations,
  STRUCTURES,
  type Structure,
} from './random-parts.ts';

/** `STALEMATE_SEED=… npx vitest run test/checker/monitor/agreement.test.ts` replays one history of each test. */
const only = process.env['STALEMATE_SEED'];
const SMALL = Number(process.env['STALEMATE_MONITOR_HISTORIES'] ?? 5_000);

interface Size {
  readonly histories: number;
  readonly low: number;
  readonly high: number;
  readonly crashes: boolean;
  readonly oracle: typeof hasOrder;
}

interface Counts {
  histories: number;
  ok: number;
  violations: number;
  undecided: number;
}

function compare(structure: Structure, size: Size): Counts {
  const counts: Counts = { histories: 0, ok: 0, violations: 0, undecided: 0 };
  const seeds = only === undefined ? Array.from({ length: size.histories }, (_none, i) => `h${i}`) : [only];
  for (const seed of seeds) {
    const operations = randomOperations(structure, seed, size);
    const { kind, fault } = judge(structure, operations, size.oracle);
    if (fault !== undefined) {
      const lines = operations.map((operation) => JSON.stringify(operation)).join('\n');
      const command = `STALEMATE_SEED=${seed} npx vitest run test/checker/monitor/agreement.test.ts -t ${structure}`;
      throw new Error(`seed ${seed}: ${fault}\n${lines}\n${command}`);
    }
    counts.histories++;
    if (kind === 'ok') counts.ok++;
    else if (kind === 'violation') counts.violations++;
    else counts.undecided++;
  }
  return counts;
}

function judge(
  structure: Structure,
  operations: readonly Operation[],
  oracle: typeof hasOrder,
): { readonly kind: string; readonly fault: string | undefined } {
  const part = partOf(operations, structure)!;
  const result = monitor(part);
  if (result === undefined) {
    return { kind: 'undecided', fault: isPlain(operations) ? 'undecided though nothing is in the way' : undefined };
  }
  const expected = oracle(structure, operations) ? 'ok' : 'violation';
  if (result.kind !== expected) return { kind: 'ok', fault: `the monitor says ${result.kind}, the oracle ${expected}` };
  if (result.kind === 'violation')
    return { kind: 'violation', fault: faultOfExplanation(structure, operations, oracle) };
  const order = Array.from(result.order, (i) => operations[i]!.id);
  return { kind: 'ok', fault: verifyCollection(part, result) ?? faultOf(structure, operations, order) };
}

/** The minimal history is bad, good without any one that is not pinned; the prefix is one; the culprit is the first. */
function faultOfExplanation(
  structure: Structure,
  operations: readonly Operation[],
  oracle: typeof hasOrder,
): string | undefined {
  const explanation = explained(partOf(operations, structure)!, operations);
  if (explanation === undefined) return 'not the same twice';
  const { counterexample, anomalies } = explanation;
  const { minimal, culprit, prefix } = counterexample;
  if (anomalies.length === 0) return 'no anomaly';
  if (!minimal.some(({ operation }) => operation === culprit)) return 'the culprit is not in the minimal history';
  if (minimal.every(({ pinned }) => pinned)) return 'everything is pinned';
  const wrong = faultOfMinimal(minimal, (members) => oracle(structure, members));
  if (wrong !== undefined) return wrong;
  const placed = operations.filter(({ id }) => prefix.includes(id));
  const fault = faultOf(structure, placed, prefix);
  if (fault !== undefined) return `the prefix is none: ${fault}`;
  if (!isPlain(operations)) return undefined;
  const first = firstImpossible(structure, operations);
  return first === culprit ? undefined : `the culprit is ${culprit.id}, and should be ${first?.id}`;
}

for (const structure of STRUCTURES) {
  test(`agrees with every order of up to 8 operations: ${structure}`, () => {
    const { histories, violations, undecided } = compare(structure, {
      histories: SMALL,
      low: 1,
      high: 8,
      crashes: true,
      oracle: hasOrder,
    });
    if (only !== undefined) return;
    expect(violations / histories).toBeGreaterThan(0.1);
    expect(violations / histories).toBeLessThan(0.6);
    expect(undecided / histories).toBeLessThan(0.06);
  }, 3_600_000);

  test(`agrees with a plain search on histories of 9 to 16 operations: ${structure}`, () => {
    const { histories, violations, undecided } = compare(structure, {
      histories: 150,
      low: 9,
      high: 16,
      crashes: false,
      oracle: hasOrderBySets,
    });
    if (only !== undefined) return;
    expect(violations / histories).toBeGreaterThan(0.2);
    expect(violations / histories).toBeLessThan(0.8);
    expect(undecided / histories).toBeLessThan(0.2);
  }, 120_000);
}
