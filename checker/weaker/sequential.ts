/**
 * Sequential consistency (Lamport 1979): one order of all operations, all registers together, in which every client's stand as
 * it did them and every answer is right. It cannot be judged register by register, and deciding it is NP-complete (Gibbons &
 * Korach 1997). So: a quick try without a step back; else the constraints that every such order must keep, whose cycle is a
 * proof against it; else a search within the budget.
 */
import { NONE } from '../linear/register-part.ts';
import type { Budget } from '../verdict/verdict.ts';
import { isMismatch, isObserver, UNWRITTEN, type ClientHistory } from './client-history.ts';
import type { Finding } from './finding.ts';
import type { Edges } from './graph.ts';
import { programOrderOf } from './program-order.ts';
import { saturate } from './saturation.ts';
import { searchSerial, type SerialResult } from './serial-search.ts';

/** A finding, with the order where there is one; operations by number. */
export interface SequentialFinding {
  readonly finding: Finding;
  readonly order?: readonly number[];
  readonly steps: number;
}

/** Tries for an order without a step back: `holds`, or not decided. */
export function quickOrder(history: ClientHistory, budget: Budget): SequentialFinding {
  const { edges } = programOrderOf(history);
  return conclude(searchSerial(history, edges, { budget, mayStepBack: false, withMismatches: true }));
}

/** Decides whether a history is sequentially consistent, within this budget, where `quickOrder` found nothing. */
export function sequentialConsistency(history: ClientHistory, budget: Budget): SequentialFinding {
  for (let i = 0; i < history.count; i++) {
    if (isObserver(history, i) && history.source[i] === UNWRITTEN)
      return { finding: { kind: 'violated', pattern: 'ThinAirRead', operations: [i] }, steps: i };
  }
  const saturated = saturate(history, budget);
  const { steps } = saturated;
  if (saturated.kind === 'cycle') {
    const { cycle: operations, because } = saturated;
    const reasons = because === undefined ? {} : { because };
    return { finding: { kind: 'violated', pattern: 'CyclicOrder', operations, ...reasons }, steps };
  }
  return thorough(history, saturated.kind === 'order' ? saturated.edges : programOrderOf(history).edges, budget, steps);
}

function thorough(history: ClientHistory, edges: Edges, budget: Budget, steps: number): SequentialFinding {
  const whole = searchSerial(history, edges, {
    budget: less(budget, steps),
    mayStepBack: true,
    withMismatches: true,
  });
  const spent = steps + whole.steps;
  if (whole.kind !== 'none' || !mayNeedUnseen(history)) return conclude(whole, spent);
  // A mismatch may have needed a crashed write that was left out: then only without the mismatches is "none" a proof.
  const weaker = searchSerial(history, edges, {
    budget: less(budget, spent),
    mayStepBack: true,
    withMismatches: false,
  });
  const total = spent + weaker.steps;
  if (weaker.kind === 'none') return conclude(weaker, total);
  const reason = 'no order explains the answered mismatches, but a crashed write that nobody saw may';
  return { finding: { kind: 'not-decided', reason }, steps: total };
}

function conclude(result: SerialResult, steps: number = result.steps): SequentialFinding {
  switch (result.kind) {
    case 'found':
      return { finding: { kind: 'holds' }, order: result.order, steps };
    case 'none':
      return {
        finding: { kind: 'violated', pattern: 'NoOrder', operations: result.stuck === NONE ? [] : [result.stuck] },
        steps,
      };
    case 'gave-up':
      return { finding: { kind: 'not-decided', reason: result.reason }, steps };
  }
}

/** True if an answered mismatch can have been due to a crashed write that nobody saw. */
function mayNeedUnseen(history: ClientHistory): boolean {
  for (let i = 0; i < history.count; i++) {
    if (isMismatch(history, i) && history.unseen[history.part[i]!]! > 0) return true;
  }
  return false;
}

function less(budget: Budget, steps: number): Budget {
  return { ...budget, maxSteps: budget.maxSteps - steps };
}
