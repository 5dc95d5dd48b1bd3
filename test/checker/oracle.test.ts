/** The register engine against brute force: every order of small histories, and a plain search on longer ones. */
import { expect, test } from 'vitest';
import { casRegister, register, type Operation } from '../../checker/index.ts';
import { keyed } from '../../src/base/random.ts';
import { agreementOn } from './agreement.ts';
import { searchAlone } from './engine-alone.ts';
import { randomHistory, type Shape } from './generate.ts';
import { faultOf, hasOrder, hasOrderBySets } from './oracle.ts';

/** `STALEMATE_SEED=… npx vitest run test/checker/oracle.test.ts` replays one history of each test. */
const only = process.env['STALEMATE_SEED'];
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
    const expected = oracle(operations);
    const problem = disagreement(operations, shape, expected);
    if (problem !== undefined) {
      const lines = operations.map((operation) => JSON.stringify(operation)).join('\n');
      throw new Error(
        `seed ${seed}: ${problem}\n${lines}\nSTALEMATE_SEED=${seed} npx vitest run test/checker/oracle.test.ts`,
      );
    }
    counts.histories++;
    counts.violations += Number(!expected);
    counts.crashed += Number(operations.some(({ outcome }) => outcome.kind === 'unknown'));
    counts.mismatches += Number(operations.some(({ outcome }) => outcome.kind === 'ok' && outcome.output === false));
  }
  return counts;
}

function disagreement(operations: readonly Operation[], { cas }: Shape, expected: boolean): string | undefined {
  const oracle = { hasOrder: hasOrderBySets, faultOf };
  const { fault } = agreementOn(operations, cas ? casRegister : register, { oracle, expected, budget: BUDGET });
  if (fault !== undefined) return fault;
  const wanted = expected ? 'ok' : 'violation';
  const searched = searchAlone(operations);
  return searched === wanted ? undefined : `the search alone says ${searched}, the oracle ${wanted}`;
}

function shape(seed: string, low: number, high: number): Shape {
  const random = keyed(seed, 'shape');
  const operations = random.between(low, high);
  return {
    operations,
    processes: random.between(2, 5),
    values: random.pick([0, 2, 3, 5]),
    cas: random.chance(0.7),
    // Each crashed write doubles what the plain search has to look at.
    crashChance: random.pick(operations > 24 ? [0, 0.05, 0.15] : [0, 0.1, 0.4]),
    mutations: random.int(7),
  };
}

test.each([
  // Every order, then a plain search.
  [1, 8, 20_000, hasOrder],
  [10, 24, 3_000, hasOrderBySets],
  [25, 45, 1_500, hasOrderBySets],
])(
  'agrees with the oracle on histories of %i to %i operations',
  (low, high, histories, oracle) => {
    const seen = compare(histories, (seed) => shape(seed, low, high), oracle);
    if (only !== undefined) return;
    expect(seen.violations / histories).toBeGreaterThan(0.25);
    expect(seen.violations / histories).toBeLessThan(0.85);
    expect(seen.crashed / histories).toBeGreaterThan(0.3);
    expect(seen.mismatches / histories).toBeGreaterThan(0.2);
  },
  120_000,
);
