/**
 * A store of texts by key, as Porcupine's `kv`: get, put and append. Each key is judged alone; one that nobody appends to is a
 * plain register, and is decided as such.
 */
import type { Call, Json } from '../history/operation.ts';
import { answerWords, inWords, byKey, requireAcknowledged, requireKnown } from './calls.ts';
import { canonical, sameJson } from './json.ts';
import { ModelError, REJECTED, UNSEEN, type Model, type RegisterAction } from './model.ts';
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

function append(state: Json, addition: string): Json | typeof REJECTED {
  if (state === null) return addition;
  return typeof state === 'string' ? state + addition : REJECTED;
}

function describe(input: Call, output: Json | typeof UNSEEN): string {
  return input.f === 'get' ? inWords(input, { answer: answerWords(output) }) : inWords(input, { asked: input.value });
}
