/** Counters, one for each key. */
import type { Call, Json } from '../history/operation.ts';
import { answerWords, inWords, byKey, odd, requireAcknowledged, requireKnown, withArticle } from './calls.ts';
import { ModelError, REJECTED, UNSEEN, type Model } from './model.ts';

const NAME = 'counter';
const KNOWS: readonly string[] = ['add', 'increment', 'decrement', 'read'];

/**
 * Operations: `add n`, `increment n`, `decrement n` (acknowledged; null stands for 1 in the latter two), `read` (answers the
 * number). Only whole numbers: with fractions the sum would depend on the order. State: the number. `initial`: a whole number;
 * 0 where left out.
 */
export function counter({ initial = 0 }: { readonly initial?: Json } = {}): Model<number, Call, Json> {
  if (!isWhole(initial)) {
    throw new ModelError(`the initial value of the model counter is a whole number, not ${JSON.stringify(initial)}`);
  }
  return {
    name: NAME,
    knows: KNOWS,
    initial,
    step,
    key: (state) => state,
    ...byKey,
    isRead: ({ f }) => f === 'read',
    describe,
    describeState: (state, part) => `${part === '' ? 'the counter' : part} = ${state}`,
  };
}

function step(state: number, input: Call, output: Json | typeof UNSEEN): number | typeof REJECTED {
  requireKnown(NAME, KNOWS, input);
  if (input.f === 'read') {
    if (output === UNSEEN) return state;
    if (!isWhole(output)) throw odd('read', 'a whole number', output);
    return output === state ? state : REJECTED;
  }
  requireAcknowledged(input, output);
  const sum = state + (input.f === 'decrement' ? -amountOf(input) : amountOf(input));
  if (!isWhole(sum)) throw new ModelError(`the counter is beyond what can be counted exactly: ${String(sum)}`);
  return sum;
}

function amountOf({ f, value }: Call): number {
  if (value === null && f !== 'add') return 1;
  if (isWhole(value)) return value;
  throw new ModelError(`the value of ${withArticle(f)} is a whole number, not ${JSON.stringify(value)}`);
}

function isWhole(value: Json): value is number {
  return Number.isSafeInteger(value);
}

function describe(input: Call, output: Json | typeof UNSEEN): string {
  return input.f === 'read'
    ? inWords(input, { answer: answerWords(output) })
    : inWords(input, { asked: input.value ?? undefined });
}
