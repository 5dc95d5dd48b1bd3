/**
 * One part of a history as the generic search sees it: event indices instead of times, and *classes* instead of operations.
 * Operations that ask and answer the same are of one class, so the model is asked once for all of them, and where several of
 * them are in flight they are interchangeable.
 */
import type { Call, Json, Operation } from '../history/operation.ts';
import { NEVER } from '../history/table.ts';
import { NULL_VALUE, Values } from '../history/values.ts';
import { columnsOf } from '../linear/columns.ts';
import { UNSEEN, type Model } from '../model/model.ts';
import { Growing } from './growing.ts';
import { OrderHints } from './order-hints.ts';
import { States, type OperationClass } from './states.ts';

/** Operations are numbered as in the list that they came from. */
export interface ModelPart<S> {
  readonly count: number;
  readonly operations: readonly Operation[];
  readonly model: Model<S, Call, Json>;
  /** Event indices of call and return (NEVER for an unknown outcome); one more than the largest. */
  readonly call: Int32Array;
  readonly ret: Int32Array;
  readonly end: number;
  readonly classOf: Int32Array;
  readonly classes: readonly OperationClass[];
  /** Never changes the state, by the model's word. */
  readonly pure: Uint8Array;
  /** See order-hints.ts. */
  readonly hints: OrderHints;
  readonly states: States<S>;
  /** Where the part is a list that only grows. */
  readonly growing: Growing | undefined;
}

/**
 * Prepares a part.
 * @throws ModelError for an operation that is not the model's
 */
export function modelPartOf<S>(operations: readonly Operation[], whole: Model<S, Call, Json>): ModelPart<S> {
  const columns = columnsOf(operations);
  const { classOf, classes } = classify(operations, whole);
  const model = whole.keyAmong === undefined ? whole : { ...whole, ...whole.keyAmong(classes) };
  // Asked here for each class, so that a foreign operation is refused wherever it stands.
  for (const { input, output } of classes) model.step(model.initial, input, output);
  const pure = Uint8Array.from(classOf, (operationClass) => Number(classes[operationClass]!.isRead));
  const hints = new OrderHints({ ...columns, model, classOf, classes } as never);
  const growing = model.growing === undefined ? undefined : new Growing(model.growing, classes);
  return { ...columns, operations, model, classOf, classes, pure, hints, states: new States(model, classes), growing };
}

function classify<S>(
  operations: readonly Operation[],
  model: Model<S, Call, Json>,
): Pick<ModelPart<S>, 'classOf' | 'classes'> {
  const values = new Values();
  const numbers = new Map<number, number>();
  const classes: OperationClass[] = [];
  const classOf = new Int32Array(operations.length);
  for (const [i, { input, outcome }] of operations.entries()) {
    const key = input.key === undefined ? NULL_VALUE : values.ofString(input.key);
    const asked = values.ofPair(values.ofPair(values.ofString(input.f), key), values.of(input.value));
    // Never equal to one with an answer: those begin with a pair of pairs, this with a pair of a name and a key.
    const whole = outcome.kind === 'ok' ? values.ofPair(asked, values.of(outcome.output)) : asked;
    const known = numbers.get(whole);
    classOf[i] = known ?? classes.length;
    if (known !== undefined) continue;
    numbers.set(whole, classes.length);
    classes.push({
      input,
      output: outcome.kind === 'ok' ? outcome.output : UNSEEN,
      isRead: model.isRead?.(input) === true,
    });
  }
  return { classOf, classes };
}

/** The operations by number, without crashed reads: those say nothing and change nothing. */
export function telling<S>({ count, ret, pure }: ModelPart<S>): readonly number[] {
  return Array.from({ length: count }, (_none, i) => i).filter((i) => ret[i] !== NEVER || pure[i] === 0);
}
