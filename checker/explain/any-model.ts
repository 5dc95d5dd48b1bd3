/**
 * Explains a violation of a model of which nothing is known but its step: only reads can be left out of the minimal history,
 * because whatever else is left out may have been needed by what stays.
 */
import type { Call, Json, Operation } from '../history/operation.ts';
import { decideModel, decidePart } from '../generic/decide.ts';
import { modelPartOf } from '../generic/model-part.ts';
import { UNSEEN, type Model } from '../model/model.ts';
import type { Budget, MinimalOperation } from '../verdict/verdict.ts';
import type { Explanation } from './anomalies.ts';
import * as sentence from './sentence.ts';

/** Explains one part that was found to have no linearization within this budget. */
export function explainModel<S>(
  name: string,
  operations: readonly Operation[],
  { model, clients, budget }: { model: Model<S, Call, Json>; clients: number | undefined; budget: Budget },
): Explanation {
  const part = modelPartOf(operations, model);
  const decision = decidePart(part, budget);
  const {
    stuckAt,
    prefix,
    states: reached,
  } = decision.kind === 'ok' ? { stuckAt: 0, prefix: [], states: [] } : decision.progress;
  const culprit = operations[stuckAt]!;
  const words = describe(model, culprit);
  const minimal = minimalOf(operations, culprit, model);
  return {
    counterexample: {
      minimal,
      culprit,
      prefix: prefix.map((number) => operations[number]!.id),
      states: reached.map((state) => ({
        state: model.describeState?.(part.states.value(state), name) ?? String(model.key(part.states.value(state))),
        reason: `${words} is not possible`,
      })),
    },
    anomalies: [
      {
        class: 'no-order',
        part: name,
        sentence: sentence.noOrder({ part: name, clients }, culprit, words),
        operation: culprit.id,
        minimal,
      },
    ],
  };
}

const RECHECK: Budget = { maxSteps: 50_000, maxBytes: 1 << 22 };

function minimalOf<S>(
  operations: readonly Operation[],
  culprit: Operation,
  model: Model<S, Call, Json>,
): readonly MinimalOperation[] {
  const endNs = culprit.outcome.kind === 'ok' ? culprit.outcome.returnNs : Infinity;
  let kept = operations.filter(({ callNs }) => callNs <= endNs);
  const isRead = ({ input }: Operation): boolean => model.isRead?.(input) === true;
  for (const read of kept.filter(isRead)) {
    const rest = kept.filter((operation) => operation !== read);
    if (decideModel(rest, model, RECHECK).kind === 'violation') kept = rest;
  }
  return kept.map((operation) => ({
    operation,
    pinned: !isRead(operation),
    why:
      operation === culprit
        ? 'It fits nowhere.'
        : isRead(operation)
          ? 'What it saw is needed.'
          : 'What it changed may have been seen.',
  }));
}

function describe<S>(model: Model<S, Call, Json>, { input, outcome }: Operation): string {
  return model.describe?.(input, outcome.kind === 'ok' ? outcome.output : UNSEEN) ?? input.f;
}
