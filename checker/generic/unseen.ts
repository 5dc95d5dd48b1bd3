/**
 * Operations that need not have taken effect and whose effect nobody can have seen: they can be left out. If an order has one
 * of them, the order without it is as good, because no answer depends on it. Every distinct value put in by a crashed call that
 * stays would otherwise multiply the states that a search must look at.
 */
import type { Call, Json } from '../history/operation.ts';
import { UNSEEN, type CollectionAction, type GrowingList } from '../model/model.ts';
import { canonical } from '../model/json.ts';
import type { ModelPart } from './model-part.ts';
import type { OperationClass } from './states.ts';

/** More comparisons than this are not worth it. */
const COMPARISONS_MAX = 2_000_000;

/**
 * The operations of `kept` without those that are optional and unseen.
 * @param isOptional whether an operation may be taken out of an order, besides that those of unknown outcome may
 */
export function withoutUnseen<S>(
  part: ModelPart<S>,
  kept: readonly number[],
  isOptional: (operation: number) => boolean,
): readonly number[] {
  const { classOf, classes, pure } = part;
  const optional = new Set<number>();
  const observing = new Set<number>();
  for (const i of kept) {
    if (classes[classOf[i]!]!.output !== UNSEEN) observing.add(classOf[i]!);
    if (pure[i] === 0 && isOptional(i)) optional.add(classOf[i]!);
  }
  if (optional.size === 0) return kept;
  const isSeen = seenBy(
    part,
    [...observing].map((number) => classes[number]!),
    optional.size,
  );
  if (isSeen === undefined) return kept;
  const unseen = new Set([...optional].filter((number) => !isSeen(classes[number]!)));
  return unseen.size === 0 ? kept : kept.filter((i) => !(unseen.has(classOf[i]!) && isOptional(i)));
}

type IsSeen = (effect: OperationClass) => boolean;

function seenBy<S>({ model }: ModelPart<S>, observing: readonly OperationClass[], effects: number): IsSeen | undefined {
  if (model.asCollection !== undefined) {
    return seenInCollection((input, output) => model.asCollection!(input, output), observing);
  }
  if (model.growing !== undefined) return seenInList(model.growing, observing);
  if (model.sees === undefined || effects * observing.length > COMPARISONS_MAX) return undefined;
  return (effect) => observing.some(({ input, output }) => model.sees!(input, output as Json, effect.input));
}

/** An append that no read shows came after all reads, or never. */
function seenInList(list: GrowingList, observing: readonly OperationClass[]): IsSeen {
  const seen = new Set<string>();
  for (const { input, output } of observing) {
    const action = list.actionOf(input, output);
    if (action.kind === 'read') for (const value of action.values) seen.add(canonical(value));
  }
  return ({ input, output }) => {
    const action = list.actionOf(input, output);
    return action.kind !== 'append' || seen.has(canonical(action.value));
  };
}

/** In a collection only puts can be told to be unseen: nobody took the value, found it in, or answered something unknown. */
function seenInCollection(
  actionOf: (input: Call, output: Json | typeof UNSEEN) => CollectionAction,
  observing: readonly OperationClass[],
): IsSeen | undefined {
  const seen = new Set<string>();
  for (const { input, output } of observing) {
    const action = actionOf(input, output);
    if (action.kind === 'other') return undefined;
    if (action.kind === 'take') seen.add(canonical(action.value));
    if (action.kind === 'contains' && action.isIn) seen.add(canonical(action.value));
    if (action.kind === 'read-all') for (const value of action.values) seen.add(canonical(value));
  }
  return ({ input, output }) => {
    const action = actionOf(input, output);
    return action.kind !== 'put' || seen.has(canonical(action.value));
  };
}
