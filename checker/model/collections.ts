/**
 * Queues and stacks, one for each key: values are put in and taken out. A take answers the value, or null (or 'empty') where
 * there was none, so that these two cannot be put in. What is written twice is there twice.
 */
import type { Call, Json } from '../history/operation.ts';
import { answerWords, inWords, byKey, requireAcknowledged, requireKnown, stateWords, withArticle } from './calls.ts';
import {
  bracketed,
  eachLine,
  findLine,
  firstLine,
  initialValues,
  lastLine,
  lineOf,
  linesOf,
  sortedLinesOf,
  withoutLine,
  withSortedLine,
} from './lines.ts';
import { ModelError, REJECTED, UNSEEN, type CollectionAction, type CollectionOrder, type Model } from './model.ts';
import { nondeterministic } from './nondeterministic.ts';

/** What a collection holds first. */
export interface CollectionOptions {
  /** An array: of a queue the head first, of a stack the top last. Empty where left out. */
  readonly initial?: Json;
}

/**
 * First in, first out: `enqueue v` (acknowledged), `dequeue` (answers the oldest value, or null or 'empty').
 * State: the lines of the values, the head first. A crashed dequeue takes whatever is the head.
 */
export function queue({ initial }: CollectionOptions = {}): Model<string, Call, Json> {
  return ordered({ name: 'queue', put: 'enqueue', take: 'dequeue', order: 'fifo', initial });
}

/**
 * Last in, first out: `push v` (acknowledged), `pop` (answers the newest value, or null or 'empty').
 * State: the lines of the values, the top last. A crashed pop takes whatever is the top.
 */
export function stack({ initial }: CollectionOptions = {}): Model<string, Call, Json> {
  return ordered({ name: 'stack', put: 'push', take: 'pop', order: 'lifo', initial });
}

/**
 * A queue that promises no order (a bag): `enqueue v` (acknowledged), `dequeue` (answers any value that is in, or null or 'empty').
 * State: the sets of values possible, more than one after a crashed dequeue, which may have taken any. (For the verdict alone one
 * choice would do, because a crashed dequeue can be put off until a dequeue finds nothing, and then all must have been taken. But
 * then an order in which it did take another value would not be accepted, though the queue could have gone that way.)
 */
export function unorderedQueue({ initial }: CollectionOptions = {}): Model<readonly string[], Call, Json> {
  const words: Words = { name: 'unordered-queue', put: 'enqueue', take: 'dequeue', order: 'any', initial };
  const lines = sortedLinesOf(firstValues(words));
  return nondeterministic({
    ...commonOf(words),
    initial: [lines],
    key: (state) => state,
    steps: (state, input, output) => anySteps(state, actionOf(words, input, output)),
  });
}

type Action = Extract<CollectionAction, { readonly kind: 'put' | 'take' | 'empty' | 'take-unseen' }>;

interface Words {
  readonly name: string;
  readonly put: string;
  readonly take: string;
  readonly order: CollectionOrder;
  readonly initial: Json | undefined;
}

function ordered(words: Words): Model<string, Call, Json> {
  const lines = linesOf(firstValues(words));
  return {
    ...commonOf(words),
    initial: lines,
    key: (state) => state,
    step: (state, input, output) =>
      orderedStep(state, actionOf(words, input, output), words.order === 'fifo' ? HEAD : TOP),
  };
}

type Common =
  'name' | 'knows' | 'partition' | 'partitionedByKey' | 'describe' | 'describeState' | 'collection' | 'asCollection';

/** What does not depend on the order. */
function commonOf(words: Words): Pick<Model<string, Call, Json>, Common> {
  return {
    name: words.name,
    knows: [words.put, words.take],
    ...byKey,
    describe: (input, output) => describe(words, input, output),
    describeState: (state, part) => stateWords(words.name, part, bracketed(state)),
    ...(firstValues(words).length === 0
      ? { collection: words.order, asCollection: (input, output) => actionOf(words, input, output) }
      : {}),
  };
}

function firstValues({ name, take, initial }: Words): readonly Json[] {
  const values = initialValues(name, initial);
  for (const value of values) requirePuttable(name, take, value);
  return values;
}

/** What a take answers where there is nothing cannot be in. */
function requirePuttable(name: string, take: string, value: Json): void {
  if (!isNothing(value)) return;
  throw new ModelError(
    `${JSON.stringify(value)} cannot be in a ${name}: it is what ${withArticle(take)} answers where there is nothing`,
  );
}

function actionOf({ name, put, take }: Words, input: Call, output: Json | typeof UNSEEN): Action {
  requireKnown(name, [put, take], input);
  const { value } = input;
  if (input.f === put) {
    requireAcknowledged(input, output);
    requirePuttable(name, take, value);
    return { kind: 'put', value };
  }
  if (value !== null) throw new ModelError(`${withArticle(take)} is asked with null, not ${JSON.stringify(value)}`);
  if (output === UNSEEN) return { kind: 'take-unseen' };
  return isNothing(output) ? { kind: 'empty' } : { kind: 'take', value: output };
}

function isNothing(value: Json): boolean {
  return value === null || value === 'empty';
}

/** The end at which a value is taken: the line there, and what is left without it. */
interface End {
  readonly next: (lines: string) => string;
  readonly rest: (lines: string, line: string) => string;
}

const HEAD: End = { next: firstLine, rest: (lines, line) => lines.slice(line.length) };
const TOP: End = { next: lastLine, rest: (lines, line) => lines.slice(0, -line.length) };

function orderedStep(lines: string, action: Action, { next, rest }: End): string | typeof REJECTED {
  switch (action.kind) {
    case 'put':
      return lines + lineOf(action.value);
    case 'take': {
      const line = lineOf(action.value);
      return next(lines) === line ? rest(lines, line) : REJECTED;
    }
    case 'take-unseen':
      return lines === '' ? REJECTED : rest(lines, next(lines));
    case 'empty':
      return lines === '' ? lines : REJECTED;
  }
}

/** The lines are sorted: what has no order has one text. */
function anySteps(lines: string, action: Action): readonly string[] {
  switch (action.kind) {
    case 'put':
      return [withSortedLine(lines, lineOf(action.value))];
    case 'take': {
      const at = findLine(lines, lineOf(action.value));
      return at < 0 ? [] : [withoutLine(lines, at)];
    }
    case 'take-unseen':
      return [...new Set(eachLine(lines))].map((line) => withoutLine(lines, findLine(lines, line)));
    case 'empty':
      return lines === '' ? [lines] : [];
  }
}

function describe({ put }: Words, input: Call, output: Json | typeof UNSEEN): string {
  if (input.f === put) return inWords(input, { asked: input.value });
  return inWords(input, { answer: output !== UNSEEN && isNothing(output) ? 'empty' : answerWords(output) });
}
