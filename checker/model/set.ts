/** Sets, one for each key: values are added and removed, one is asked for, or all are read. */
import type { Call, Json } from '../history/operation.ts';
import { answerWords, inWords, isAcknowledgement, byKey, odd, requireKnown, stateWords } from './calls.ts';
import type { CollectionOptions } from './collections.ts';
import { sameJson } from './json.ts';
import { bracketed, findLine, initialValues, lineOf, sortedLinesOf, withoutLine, withSortedLine } from './lines.ts';
import { ModelError, REJECTED, UNSEEN, type CollectionAction, type Model } from './model.ts';

const NAME = 'set';
const KNOWS: readonly string[] = ['add', 'remove', 'contains', 'read'];

/**
 * Operations: `add v` and `remove v` answer true where that changed the set and false where it did not, or are acknowledged
 * with null or the value, which does not say; `contains v` answers true or false; `read` answers an array of all values, in any
 * order, each once. State: the lines of the values, sorted. `initial`: an array of different values; empty where left out.
 */
export function set({ initial }: CollectionOptions = {}): Model<string, Call, Json> {
  const lines = sortedLinesOf(initialValues(NAME, initial));
  if (hasTwice(lines))
    throw new ModelError(`the initial value of the model set has a value twice: ${JSON.stringify(initial)}`);
  return {
    name: NAME,
    knows: KNOWS,
    initial: lines,
    step,
    key: (state) => state,
    ...byKey,
    isRead: ({ f }) => f === 'contains' || f === 'read',
    describe,
    describeState: (state, part) => stateWords(NAME, part, bracketed(state)),
    ...(lines === '' ? { collection: 'set', asCollection } : {}),
  };
}

/** What a call did to the set, in this model's own terms. */
type SetAction =
  | {
      readonly kind: 'add' | 'remove';
      readonly value: Json;
      /** Undefined where the answer does not say. */ readonly changed: boolean | undefined;
    }
  | { readonly kind: 'contains'; readonly value: Json; readonly isIn: boolean }
  | { readonly kind: 'read'; readonly values: readonly Json[] }
  | { readonly kind: 'nothing' };

function actionOf(input: Call, output: Json | typeof UNSEEN): SetAction {
  requireKnown(NAME, KNOWS, input);
  const { f, value } = input;
  switch (f) {
    case 'add':
    case 'remove':
      // An answer that is the value asked, be it a boolean, is Jepsen's acknowledgement.
      if (output !== true && isAcknowledgement(value, output)) return { kind: f, value, changed: undefined };
      if (output !== UNSEEN && sameJson(output, value)) return { kind: f, value, changed: undefined };
      if (typeof output !== 'boolean') throw odd(f, 'true, false, null or the value that was asked', output as Json);
      return { kind: f, value, changed: output };
    case 'contains':
      if (output === UNSEEN) return { kind: 'nothing' };
      if (typeof output !== 'boolean') throw odd(f, 'true or false', output);
      return { kind: 'contains', value, isIn: output };
    default:
      if (output === UNSEEN) return { kind: 'nothing' };
      if (!Array.isArray(output)) throw odd(f, 'an array of values', output);
      return { kind: 'read', values: output as readonly Json[] };
  }
}

function step(lines: string, input: Call, output: Json | typeof UNSEEN): string | typeof REJECTED {
  const action = actionOf(input, output);
  switch (action.kind) {
    case 'add': {
      const line = lineOf(action.value);
      const isIn = findLine(lines, line) >= 0;
      if (action.changed === isIn) return REJECTED;
      return isIn ? lines : withSortedLine(lines, line);
    }
    case 'remove': {
      const at = findLine(lines, lineOf(action.value));
      if (action.changed === at < 0) return REJECTED;
      return at < 0 ? lines : withoutLine(lines, at);
    }
    case 'contains':
      return findLine(lines, lineOf(action.value)) >= 0 === action.isIn ? lines : REJECTED;
    case 'read':
      return sortedLinesOf(action.values) === lines ? lines : REJECTED;
    case 'nothing':
      return lines;
  }
}

function asCollection(input: Call, output: Json | typeof UNSEEN): CollectionAction {
  const action = actionOf(input, output);
  switch (action.kind) {
    case 'add':
      return action.changed === false
        ? { kind: 'contains', value: action.value, isIn: true }
        : { kind: 'put', value: action.value };
    case 'remove':
      if (action.changed === undefined) return { kind: 'other' };
      return action.changed
        ? { kind: 'take', value: action.value }
        : { kind: 'contains', value: action.value, isIn: false };
    case 'read':
      // No set has a value twice: whatever answered so is for the search to refuse.
      return hasTwice(sortedLinesOf(action.values)) ? { kind: 'other' } : { kind: 'read-all', values: action.values };
    case 'contains':
    case 'nothing':
      return action;
  }
}

function hasTwice(sorted: string): boolean {
  const lines = sorted.split('\n');
  return lines.some((line, i) => i > 0 && line === lines[i - 1]);
}

function describe(input: Call, output: Json | typeof UNSEEN): string {
  if (input.f === 'read') return inWords(input, { answer: answerWords(output) });
  const answer = input.f === 'contains' || typeof output === 'boolean' ? answerWords(output) : undefined;
  return inWords(input, { asked: input.value, answer });
}
