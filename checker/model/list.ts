/** Lists that only grow, one for each key: values are appended, and the whole list is read. */
import type { Call, Json } from '../history/operation.ts';
import { answerWords, inWords, byKey, odd, requireAcknowledged, requireKnown, stateWords } from './calls.ts';
import type { CollectionOptions } from './collections.ts';
import { bracketed, initialValues, lineOf, linesOf } from './lines.ts';
import { REJECTED, UNSEEN, type ListAction, type Model } from './model.ts';

const NAME = 'list';
const KNOWS: readonly string[] = ['append', 'read'];

/**
 * Operations: `append v` (acknowledged), `read` (answers the array of all values in order). State: the lines of the values.
 * `initial`: an array; empty where left out.
 */
export function list({ initial }: CollectionOptions = {}): Model<string, Call, Json> {
  const first = initialValues(NAME, initial);
  return {
    name: NAME,
    knows: KNOWS,
    initial: linesOf(first),
    step,
    key: (state) => state,
    ...byKey,
    isRead: ({ f }) => f === 'read',
    growing: { initial: first, actionOf },
    describe,
    describeState: (state, part) => stateWords(NAME, part, bracketed(state)),
  };
}

function step(lines: string, input: Call, output: Json | typeof UNSEEN): string | typeof REJECTED {
  requireKnown(NAME, KNOWS, input);
  if (input.f === 'append') {
    requireAcknowledged(input, output);
    return lines + lineOf(input.value);
  }
  if (output === UNSEEN) return lines;
  return linesOf(valuesRead(output)) === lines ? lines : REJECTED;
}

function actionOf(input: Call, output: Json | typeof UNSEEN): ListAction {
  requireKnown(NAME, KNOWS, input);
  if (input.f === 'append') return { kind: 'append', value: input.value };
  return output === UNSEEN ? { kind: 'nothing' } : { kind: 'read', values: valuesRead(output) };
}

function valuesRead(output: Json): readonly Json[] {
  if (!Array.isArray(output)) throw odd('read', 'an array of values', output);
  return output as readonly Json[];
}

function describe(input: Call, output: Json | typeof UNSEEN): string {
  return input.f === 'append'
    ? inWords(input, { asked: input.value })
    : inWords(input, { answer: answerWords(output) });
}
