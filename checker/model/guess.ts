/** Guesses the model of a history from the operations in it, and says why, so that a wrong guess is noticed. */
import type { Call, History, Json } from '../history/operation.ts';
import type { Model } from './model.ts';
import { casRegister, register } from './registers.ts';

/** A model, or none, and the reason in words. */
export interface Guess {
  readonly model: Model<Json, Call, Json> | undefined;
  readonly reason: string;
}

/** The models by name. */
export const models: ReadonlyMap<string, Model<Json, Call, Json>> = new Map(
  [register, casRegister].map((model) => [model.name, model]),
);

/** The smallest model that knows every operation of the history. */
export function guessModel(history: History): Guess {
  const seen = new Set([...history.operations, ...history.failed].map(({ input }) => input.f));
  const foreign = [...seen].filter((f) => f !== 'read' && f !== 'write' && f !== 'cas');
  if (foreign.length > 0) {
    return {
      model: undefined,
      reason: `no model is known that has ${foreign.map((f) => JSON.stringify(f)).join(', ')}`,
    };
  }
  const names = [...seen].sort().join(', ');
  if (seen.has('cas')) return { model: casRegister, reason: `the operations are ${names}` };
  return { model: register, reason: seen.size === 0 ? 'there are no operations' : `the operations are ${names}` };
}
