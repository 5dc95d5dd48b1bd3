/**
 * `check`: is there one order of the operations, each at an instant between its call and its return, that the model accepts?
 * The history is split into parts that never influence each other, each part is decided, every `ok` is replayed by separate
 * code, and every violation is explained.
 */
import { explainRegister, type Explanation, type Unnumbered } from './explain/anomalies.ts';
import { explainModel } from './explain/any-model.ts';
import type { Call, FailedOperation, History, Json } from './history/operation.ts';
import { decideModel, decideRegister, isRegister, type Decision } from './linear/decide.ts';
import { idsOf } from './linear/counterexample.ts';
import { registerPartOf, type RegisterPart } from './linear/register-part.ts';
import { split, type Part } from './linear/split.ts';
import { verify } from './linear/verify.ts';
import type { Model } from './model/model.ts';
import type { Operation } from './history/operation.ts';
import type { Anomaly, Budget, PartResult, Verdict } from './verdict/verdict.ts';

/** Decides every history of a usual run, and gives up on a hopeless one within a minute and about 1 GiB. */
export const DEFAULT_BUDGET: Budget = { maxSteps: 50_000_000, maxBytes: 1 << 30 };

/**
 * Decides whether a history is linearizable.
 * @throws ModelError for an operation that is not the model's
 */
export function check<S>(history: History, model: Model<S, Call, Json>, budget: Budget = DEFAULT_BUDGET): Verdict {
  const failed = new Map(split(history.failed, model).map((part) => [part.name, part.operations]));
  const judged = split(history.operations, model).map((part) =>
    judge(part, model, { budget, clients: history.clients, failed: failed.get(part.name) ?? [] }),
  );
  const parts = judged.map(({ result }) => result);
  return {
    kind: kindOf(parts),
    operations: history.operations.length,
    parts,
    anomalies: numbered(
      judged.flatMap(({ anomalies }) => anomalies),
      history.operations,
    ),
  };
}

interface Judged {
  readonly result: PartResult;
  readonly anomalies: readonly Unnumbered[];
}

interface Circumstances {
  readonly budget: Budget;
  readonly clients: number | undefined;
  readonly failed: readonly FailedOperation[];
}

function judge<S>(
  { name, operations }: Part<Operation>,
  model: Model<S, Call, Json>,
  circumstances: Circumstances,
): Judged {
  const { budget, clients } = circumstances;
  if (isRegister(model)) {
    const part: RegisterPart = registerPartOf(operations, model);
    return conclude(name, operations, model, decideRegister(part, budget), (impossible) =>
      explainRegister({ name, operations, model, part, impossible, ...circumstances }),
    );
  }
  return conclude(name, operations, model, decideModel(operations, model, budget), () =>
    explainModel(name, operations, { model, clients, budget }),
  );
}

function conclude<S>(
  name: string,
  operations: readonly Operation[],
  model: Model<S, Call, Json>,
  decision: Decision,
  explain: (impossible: number | undefined) => Explanation,
): Judged {
  const { steps, configurations } = decision;
  const counts = { part: name, operations: operations.length, steps, configurations };
  switch (decision.kind) {
    case 'ok': {
      const order = idsOf(operations, decision.order);
      const fault = verify(operations, order, model);
      // An order that does not hold is a fault of this library; better no verdict than a wrong one.
      if (fault !== undefined) throw new Error(`the checker found an order that does not hold: ${fault}`);
      return { result: { ...counts, kind: 'ok', order }, anomalies: [] };
    }
    case 'violation': {
      const { counterexample, anomalies } = explain(decision.impossible);
      return { result: { ...counts, kind: 'violation', counterexample }, anomalies };
    }
    case 'unknown': {
      const { limit, progress } = decision;
      return {
        result: {
          ...counts,
          kind: 'unknown',
          limit,
          progress: progressWords(operations, progress.prefix.length, limit),
        },
        anomalies: [],
      };
    }
  }
}

function progressWords(operations: readonly Operation[], placed: number, limit: string): string {
  const crashed = operations.filter(({ outcome }) => outcome.kind === 'unknown').length;
  const reason = limit === 'stopped' ? 'stopped' : `ran out of ${limit}`;
  return `${reason} after placing ${placed} of ${operations.length} operations, ${crashed} of them with unknown outcome`;
}

function kindOf(parts: readonly PartResult[]): Verdict['kind'] {
  if (parts.some(({ kind }) => kind === 'violation')) return 'violation';
  return parts.some(({ kind }) => kind === 'unknown') ? 'unknown' : 'ok';
}

/** The most telling first: what no age explains, then the stalest; in order of invocation where they are equal. */
function numbered(anomalies: readonly Unnumbered[], operations: readonly Operation[]): readonly Anomaly[] {
  const callNs = new Map(operations.map(({ id, callNs: ns }) => [id, ns]));
  const gapOf = ({ newer }: Unnumbered): number => newer?.gapNs ?? Number.MAX_SAFE_INTEGER;
  return anomalies
    .toSorted(
      (a, b) => gapOf(b) - gapOf(a) || callNs.get(a.operation)! - callNs.get(b.operation)! || a.operation - b.operation,
    )
    .map((anomaly, i) => ({ id: `a${i + 1}`, ...anomaly }));
}
