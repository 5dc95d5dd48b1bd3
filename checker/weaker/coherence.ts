/** Coherence: each register alone is sequentially consistent. (Cache consistency: Goodman 1989.) */
import type { Budget } from '../verdict/verdict.ts';
import { onlyRegister, type ClientHistory } from './client-history.ts';
import type { Finding } from './finding.ts';
import { quickOrder, sequentialConsistency } from './sequential.ts';

/**
 * Decides whether each register is sequentially consistent; the budget is for all of them.
 * @param replay is given each order found, as operations of the whole history, and the rows of the register
 */
export function coherence(
  history: ClientHistory,
  budget: Budget,
  replay: (order: readonly number[], rows: Int32Array) => void,
): Finding {
  let steps = 0;
  let undecided: Finding | undefined;
  for (const operations of operationsByPart(history)) {
    const its = onlyRegister(history, operations);
    const left = { ...budget, maxSteps: budget.maxSteps - steps };
    const quick = quickOrder(its, left);
    const found =
      quick.finding.kind === 'holds'
        ? quick
        : sequentialConsistency(its, { ...left, maxSteps: left.maxSteps - quick.steps });
    steps += quick.steps + (found === quick ? 0 : found.steps);
    const { finding, order } = found;
    if (finding.kind === 'violated') return renumbered(finding, operations);
    if (finding.kind === 'not-decided') undecided ??= finding;
    if (order !== undefined)
      replay(
        order.map((i) => operations[i]!),
        its.row,
      );
  }
  return undecided ?? { kind: 'holds' };
}

/** With the numbers that its operations have in the whole history. */
function renumbered(finding: Extract<Finding, { kind: 'violated' }>, numbers: Int32Array): Finding {
  const whole = (its: readonly number[]): readonly number[] => its.map((i) => (i < 0 ? i : numbers[i]!));
  const because = finding.because === undefined ? {} : { because: whole(finding.because) };
  return { ...finding, operations: whole(finding.operations), ...because };
}

function operationsByPart({ count, part, parts }: ClientHistory): readonly Int32Array[] {
  const sizes = new Int32Array(parts.length);
  for (let i = 0; i < count; i++) sizes[part[i]!]!++;
  const byPart = parts.map((_name, p) => new Int32Array(sizes[p]!));
  sizes.fill(0);
  for (let i = 0; i < count; i++) byPart[part[i]!]![sizes[part[i]!]!++] = i;
  return byPart;
}
