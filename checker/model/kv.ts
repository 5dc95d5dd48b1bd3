/**
 * A store of texts by key, as Porcupine's `kv`: get, put and append. Each key is judged alone; one that nobody appends to is a
 * plain register, and is decided as such.
 */
import type { Call, Json } from '../history/operation.ts';
import { answerWords, inWords, byKey, requireAcknowledged, requireKnown } from './calls.ts';
import { canonical, sameJson } from './json.ts';
import { ModelError, REJECTED, UNSEEN, type KeyOf, type Model, type RegisterAction } from './model.ts';
import { applyAction, describeValue } from './registers.ts';

const NAME = 'kv';
const KNOWS: readonly string[] = ['get', 'put', 'append'];

/**
 * Keys and values: `get` answers the value, `put v` replaces it, `append s` adds a text to its end (both acknowledged).
 * State: the value of one key. A key that was never put holds the initial value, '' unless another one is named. Values may be
 * anything where nobody appends; to append, value and addition must be texts, null counting as the empty one.
 */
export function kv({ initial = '' }: { readonly initial?: Json } = {}): Model<Json, Call, Json> {
  return {
    name: NAME,
    knows: KNOWS,
    initial,
    step: (state, input, output) => {
      const action = asRegister(input, output);
      return action === undefined ? append(state, input.value as string) : applyAction(state, action);
    },
    key: canonical,
    keyAmong,
    ...byKey,
    isRead: ({ f }) => f === 'get',
    sees,
    registerWords: { read: 'get', write: 'put' },
    asRegister,
    describe,
    describeState: describeValue,
  };
}

/** Undefined for an append: what it leaves depends on what there was, and it succeeds whatever there was, so it is no cas. */
function asRegister(input: Call, output: Json | typeof UNSEEN): RegisterAction | undefined {
  requireKnown(NAME, KNOWS, input);
  if (input.f === 'get') return output === UNSEEN ? { kind: 'nothing' } : { kind: 'read', value: output };
  requireAcknowledged(input, output);
  if (input.f === 'put') return { kind: 'write', value: input.value };
  if (typeof input.value !== 'string') {
    throw new ModelError(`the value of an append is a text, not ${JSON.stringify(input.value)}`);
  }
  return undefined;
}

/**
 * Until the next put, every get shows what was put or appended. A put also makes an append possible where there was no text.
 */
function sees({ f }: Call, output: Json, effect: Call): boolean {
  if (f === 'append') return effect.f === 'put';
  if (f !== 'get' || effect.f === 'get') return false;
  if (typeof output === 'string' && typeof effect.value === 'string') {
    return effect.f === 'put' ? output.startsWith(effect.value) : output.includes(effect.value);
  }
  return sameJson(output, effect.value);
}

/**
 * Once a text is not how any of the texts begins that are got, no get shows it, nor what is appended to it, until the next put: all such
 * texts are as good as one. Without this, n appends of unknown outcome are n! texts.
 */
function keyAmong(operations: readonly { readonly input: Call; readonly output: Json | typeof UNSEEN }[]): KeyOf<Json> {
  if (!operations.some(({ input }) => input.f === 'append')) return { key: canonical };
  const got = operations.flatMap(({ input, output }) =>
    input.f === 'get' && typeof output === 'string' ? [output] : [],
  );
  got.sort((a, b) => (a < b ? -1 : Number(a > b)));
  return { key: (state) => (typeof state !== 'string' || isBeginning(state, got) ? canonical(state) : HIDDEN) };
}

/** No text is written so as JSON. */
const HIDDEN = 'hidden';

/** Whether one of the texts, which are in order, begins so. */
function isBeginning(text: string, texts: readonly string[]): boolean {
  let low = 0;
  let high = texts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (texts[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low < texts.length && texts[low]!.startsWith(text);
}

function append(state: Json, addition: string): Json | typeof REJECTED {
  if (state === null) return addition;
  return typeof state === 'string' ? state + addition : REJECTED;
}

function describe(input: Call, output: Json | typeof UNSEEN): string {
  return input.f === 'get' ? inWords(input, { answer: answerWords(output) }) : inWords(input, { asked: input.value });
}
