/**
 * Replays an order against the model and against real time. This is the other half of every `ok`: short, plain, and sharing
 * nothing with the engine that found the order, so that a fault of the engine cannot vouch for itself.
 */
import type { Call, Json, Operation } from '../history/operation.ts';
import { REJECTED, UNSEEN, type Model } from '../model/model.ts';

/**
 * Why the order is not a linearization of these operations of one part, in words; undefined where it is one: every answered
 * operation stands in it once, every other one at most once, nobody stands after an operation that was called after its
 * own return, and the model accepts each answer. Equal times count as concurrent.
 * @param order operation ids
 */
export function verify<S>(
  operations: readonly Operation[],
  order: readonly number[],
  model: Model<S, Call, Json>,
): string | undefined {
  const left = new Map(operations.map((operation) => [operation.id, operation]));
  let state = model.initial;
  let latestCallNs = -Infinity;
  for (const id of order) {
    const operation = left.get(id);
    if (operation === undefined) return `operation ${id} stands twice in the order, or is not of this part`;
    left.delete(id);
    const { input, outcome, callNs } = operation;
    if (outcome.kind === 'ok' && outcome.returnNs < latestCallNs) {
      return `operation ${id} stands after one that was called after its return`;
    }
    latestCallNs = Math.max(latestCallNs, callNs);
    const next = model.step(state, input, outcome.kind === 'ok' ? outcome.output : UNSEEN);
    if (next === REJECTED) return `operation ${id} is not possible where it stands`;
    state = next;
  }
  for (const operation of left.values()) {
    if (operation.outcome.kind === 'ok') return `operation ${operation.id} is missing in the order`;
  }
  return undefined;
}
