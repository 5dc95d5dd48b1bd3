/**
 * Holds a verdict against an oracle, and its proof too: an order must be one, a minimal history must have none as it stands
 * and one without any operation that is not pinned. Shared by the tests and the fuzz.
 */
import { check, staleness, type Budget, type Call, type History, type Json, type Model } from '../../checker/index.ts';
import type { MinimalOperation, Operation, Verdict } from '../../checker/index.ts';

/** The definition of linearizability, written apart from the checker. */
export interface Oracle {
  hasOrder(operations: readonly Operation[]): boolean;
  /** Why an order, of ids, is none of these operations. */
  faultOf(operations: readonly Operation[], order: readonly number[]): string | undefined;
}

/** What a check came to, and what is wrong with it. */
export interface Agreement {
  readonly verdict: Verdict;
  /** In words; undefined where verdict and proof hold. */
  readonly fault: string | undefined;
}

/** Checks a history and compares. @param expected whether the history has an order */
export function agreementOn<S>(
  operations: readonly Operation[],
  model: Model<S, Call, Json>,
  { oracle, expected, budget }: { readonly oracle: Oracle; readonly expected: boolean; readonly budget: Budget },
): Agreement {
  const history: History = { operations, failed: [], warnings: [] };
  const verdict = check(history, model, budget);
  const wanted = expected ? 'ok' : 'violation';
  if (verdict.kind !== wanted) return { verdict, fault: `the checker says ${verdict.kind}, the oracle ${wanted}` };
  return {
    verdict,
    fault: expected ? faultOfOk(history, model, verdict, oracle) : faultOfViolation(operations, verdict, oracle),
  };
}

function faultOfOk<S>(
  history: History,
  model: Model<S, Call, Json>,
  { parts }: Verdict,
  oracle: Oracle,
): string | undefined {
  if (model.asRegister !== undefined) {
    const reads = staleness(history, model).flatMap((part) => part.reads);
    const stale = reads.find(({ versions }) => versions > 0);
    if (stale !== undefined) return `read ${stale.operation} counts as stale in a linearizable history`;
  }
  const orders = parts.map((part) => (part.kind === 'ok' ? part.order : []));
  const placed = new Set(orders.flat());
  const missing = history.operations.find(({ id, outcome }) => outcome.kind === 'ok' && !placed.has(id));
  if (missing !== undefined) return `operation ${missing.id} is in no order`;
  return orders.map((order) => faultOfOrder(history.operations, order, oracle)).find((fault) => fault !== undefined);
}

/** Why the order is none of what it holds. */
function faultOfOrder(operations: readonly Operation[], order: readonly number[], oracle: Oracle): string | undefined {
  const held = new Set(order);
  return oracle.faultOf(
    operations.filter(({ id }) => held.has(id)),
    order,
  );
}

function faultOfViolation(
  operations: readonly Operation[],
  { parts, anomalies }: Verdict,
  oracle: Oracle,
): string | undefined {
  if (anomalies.length === 0) return 'no anomaly';
  const part = parts.find(({ kind }) => kind === 'violation');
  if (part?.kind !== 'violation') return 'no counterexample';
  const proofs = [...anomalies, { ...part.counterexample, class: 'counterexample' }];
  const wrong = proofs
    .map(({ minimal, class: kind }) => ({ kind, fault: faultOfMinimal(minimal, (them) => oracle.hasOrder(them)) }))
    .find(({ fault: it }) => it !== undefined);
  if (wrong !== undefined) return `of ${wrong.kind}: ${wrong.fault}`;
  const fault = faultOfOrder(operations, part.counterexample.prefix, oracle);
  return fault === undefined ? undefined : `the linearizable prefix is none: ${fault}`;
}

/**
 * What is wrong with a minimal history, each optional member being there or not: it must have no order as it stands, and one
 * without any member that is not pinned.
 */
export function faultOfMinimal(
  minimal: readonly MinimalOperation[],
  hasOrder: (operations: readonly Operation[]) => boolean,
): string | undefined {
  const hasSomeOrder = (members: readonly MinimalOperation[]): boolean => choicesOf(members).some(hasOrder);
  if (new Set(minimal.map(({ operation }) => operation)).size < minimal.length) return 'an operation is there twice';
  const isFree = minimal.find(({ optional, pinned }) => optional === true && !pinned);
  if (isFree !== undefined) return `operation ${isFree.operation.id} is optional but not pinned`;
  if (hasSomeOrder(minimal)) return 'the minimal history has an order';
  const needless = minimal.find(
    (member) => !member.pinned && !hasSomeOrder(minimal.filter((other) => other !== member)),
  );
  return needless && `the minimal history has no order without operation ${needless.operation.id} either`;
}

/** The members as operations, with each choice of the optional ones. */
function choicesOf(minimal: readonly MinimalOperation[]): readonly (readonly Operation[])[] {
  const optional = minimal.filter((member) => member.optional === true);
  return Array.from({ length: 1 << optional.length }, (_none, choice) =>
    minimal
      .filter((member) => member.optional !== true || (choice & (1 << optional.indexOf(member))) !== 0)
      .map(({ operation, as }) => (as === undefined ? operation : asWrite(operation, as))),
  );
}

function asWrite(operation: Operation, as: Operation['input']): Operation {
  const { outcome } = operation;
  return { ...operation, input: as, outcome: outcome.kind === 'ok' ? { ...outcome, output: null } : outcome };
}
