/**
 * Explains a violation of a model that is not a register: the first completion that fits nowhere, why, the longest linearizable
 * prefix before it, and the smallest history that has no order (model-minimal.ts), in words (model-words.ts).
 */
import type { ModelDecision } from '../generic/decide.ts';
import type { ModelPart } from '../generic/model-part.ts';
import { NEVER } from '../history/table.ts';
import type { Budget, MinimalOperation } from '../verdict/verdict.ts';
import { UNTRIED, type Explanation } from './anomalies.ts';
import { minimalModelHistory, type ModelMember } from './model-minimal.ts';
import type { Broken } from './model-telling.ts';
import { reasonIn, troubleOf } from './model-words.ts';
import type { Telling } from './sentence.ts';

/** Explains one part that was found to have no linearization. */
export function explainModel<S>(
  part: ModelPart<S>,
  { impossible: culprit, progress }: Extract<ModelDecision, { readonly kind: 'violation' }>,
  { telling, shouldStop }: { readonly telling: Telling; readonly shouldStop: Budget['shouldStop'] },
): Explanation {
  const { operations } = part;
  const members = minimalModelHistory(part, culprit, shouldStop);
  const broken = { part, telling, culprit, members, states: progress.states };
  const minimal = members.map((member) => toMinimal(part, member, culprit));
  return {
    counterexample: {
      minimal,
      culprit: operations[culprit]!,
      prefix: progress.prefix.map((number) => operations[number]!.id),
      states: progress.states.map((state) => ({ state: stateWords(broken, state), reason: reasonIn(broken, state) })),
    },
    anomalies: [{ ...troubleOf(broken), part: telling.part, operation: operations[culprit]!.id, minimal }],
  };
}

function toMinimal<S>(part: ModelPart<S>, member: ModelMember, culprit: number): MinimalOperation {
  const { operation, pinned, optional, untried } = member;
  return {
    operation: part.operations[operation]!,
    pinned,
    ...(untried ? { untried } : {}),
    ...(optional && part.ret[operation] !== NEVER ? { optional: true } : {}),
    why: whyHere(part, member, culprit),
  };
}

function whyHere<S>(
  { pure, ret }: ModelPart<S>,
  { operation, pinned, optional, untried }: ModelMember,
  culprit: number,
): string {
  if (operation === culprit) return 'It fits nowhere.';
  if (untried) return UNTRIED;
  if (ret[operation] === NEVER)
    return 'Its outcome is unknown: it may have taken effect at any time after its call, or never.';
  if (optional) return 'It may have taken effect or not: there is no order either way.';
  if (pinned) return 'What it did is needed by the others.';
  return pure[operation] === 1 ? 'What it saw is needed.' : 'It was answered: it had taken effect by its return.';
}

function stateWords<S>({ part, telling }: Broken<S>, state: number): string {
  const value = part.states.value(state);
  return part.model.describeState?.(value, telling.part) ?? String(part.model.key(value));
}
