/** Budgets on histories that no memory is enough for: the verdict is unknown, says why, and is the same each time. */
import { expect, test } from 'vitest';
import { check, models, type Budget, type PartResult } from '../../checker/index.ts';
import { worstHistories } from '../bench/worst-histories.ts';
import * as oracle from './model/oracle-model.ts';
import { plainNames } from './model/plain-objects.ts';

const hopeless = worstHistories(100, 'budget');
const names = hopeless.map(({ name }) => name);

function judge(name: string, budget: Budget): PartResult {
  const { model, operations } = hopeless.find((it) => it.name === name)!;
  const { kind, parts } = check({ operations, failed: [], warnings: [] }, models.get(model)!, budget);
  expect(parts).toHaveLength(1);
  expect(kind).toBe(parts[0]!.kind);
  return parts[0]!;
}

test.each(names)('a budget of steps is honoured: %s', (name) => {
  const part = judge(name, { maxSteps: 50_000, maxBytes: 1 << 30 });
  expect(part).toMatchObject({ kind: 'unknown', limit: 'steps' });
  // A step may be under way when the budget is over.
  expect(part.steps).toBeLessThan(60_000);
});

test.each(names)('a budget of bytes is honoured: %s', (name) => {
  const part = judge(name, { maxSteps: 10_000_000, maxBytes: 1 << 15 });
  expect(part).toMatchObject({ kind: 'unknown', limit: 'memory' });
  // So many bytes hold no more failed configurations than these.
  expect(part.configurations).toBeLessThan(20_000);
});

test.each(names)('a check that gives up says how far it came, and the same each time: %s', (name) => {
  const budget = { maxSteps: 50_000, maxBytes: 1 << 24 };
  const part = judge(name, budget);
  expect(part.kind === 'unknown' && part.progress).toMatch(/placing \d+ of \d+ operations, 100 of them with unknown/);
  expect(judge(name, budget)).toEqual(part);
});

test('small ones of the same kind are violations, as the oracle says', () => {
  for (const { name, model, operations } of worstHistories(6, 'budget')) {
    const plain = plainNames.find((it) => it === model)!;
    expect([name, oracle.hasOrderBySets(plain, operations)]).toEqual([name, false]);
    expect([name, check({ operations, failed: [], warnings: [] }, models.get(model)!).kind]).toEqual([
      name,
      'violation',
    ]);
  }
});
