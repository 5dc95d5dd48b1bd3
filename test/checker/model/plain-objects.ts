/**
 * The objects that the models of the checker are about, spelled out a second time: what each can answer, and what it holds
 * then, as plain JSON. The generator simulates them and the oracle judges by them; nothing here knows the checker's models.
 */
import type { Call, Json } from '../../../checker/index.ts';

/** The objects by the names of their models. */
export type PlainName = (typeof plainNames)[number];

export const plainNames = [
  'register',
  'cas-register',
  'multi-register',
  'kv',
  'queue',
  'unordered-queue',
  'stack',
  'set',
  'lock',
  'counter',
  'list',
] as const;

/** One thing that may happen: every way of saying the answer, and what the object holds afterwards. */
export interface PlainOutcome {
  readonly answers: readonly Json[];
  readonly state: Json;
}

/** The registers of a multi-register. */
export const REGISTER_NAMES = ['x', 'y', 'z'] as const;

/** What the object holds first. */
export function plainInitial(model: PlainName, initial?: Json): Json {
  switch (model) {
    case 'register':
    case 'cas-register':
      return initial ?? null;
    case 'multi-register':
      return Object.fromEntries(REGISTER_NAMES.map((name) => [name, initial ?? null]));
    case 'kv':
      return initial ?? '';
    case 'lock':
      return initial ?? false;
    case 'counter':
      return initial ?? 0;
    case 'queue':
    case 'unordered-queue':
    case 'stack':
    case 'set':
    case 'list':
      return initial ?? [];
  }
}

/** Everything that may happen when this is called in this state. */
export function plainOutcomes(model: PlainName, state: Json, { f, key, value }: Call): readonly PlainOutcome[] {
  const items = Array.isArray(state) ? (state as readonly Json[]) : [];
  const done = (after: Json): PlainOutcome[] => [{ answers: [null, value], state: after }];
  const says = (answer: Json, after: Json = state): PlainOutcome[] => [{ answers: [answer], state: after }];
  const empty: readonly PlainOutcome[] = [{ answers: [null, 'empty'], state }];
  const at = items.findIndex((item) => item === value);
  const without = (index: number): Json => items.filter((_item, other) => other !== index);
  switch (`${model} ${f}`) {
    case 'register read':
    case 'cas-register read':
    case 'kv get':
    case 'counter read':
    case 'list read':
    case 'set read':
      return says(state);
    case 'register write':
    case 'cas-register write':
    case 'kv put':
      return done(value);
    case 'cas-register cas': {
      const [from, to] = value as readonly [Json, Json];
      return state === from ? says(true, to) : says(false);
    }
    case 'kv append':
      return done(`${state as string}${value as string}`);
    case 'multi-register txn':
      return transaction(state as Registers, value as readonly Micro[]);
    case 'multi-register read':
      return says((state as Registers)[key!]!);
    case 'multi-register write':
      return done({ ...(state as Registers), [key!]: value });
    case 'unordered-queue enqueue':
      return done([...items, value].sort(inSomeOrder));
    case 'queue enqueue':
    case 'stack push':
    case 'list append':
      return done([...items, value]);
    case 'queue dequeue':
      return items.length === 0 ? empty : says(items[0]!, without(0));
    case 'stack pop':
      return items.length === 0 ? empty : says(items.at(-1)!, without(items.length - 1));
    case 'unordered-queue dequeue':
      return items.length === 0 ? empty : items.flatMap((item, i) => says(item, without(i)));
    case 'set add':
      return at < 0
        ? [{ answers: [null, value, true], state: [...items, value].sort(inSomeOrder) }]
        : [{ answers: [null, value, false], state }];
    case 'set remove':
      return at < 0
        ? [{ answers: [null, value, false], state }]
        : [{ answers: [null, value, true], state: without(at) }];
    case 'set contains':
      return says(at >= 0);
    case 'lock acquire':
      return state === true ? says(false) : [{ answers: [null, true], state: true }];
    case 'lock release':
      return state === false ? says(false) : [{ answers: [null, true], state: false }];
    case 'counter add':
      return done((state as number) + (value as number));
    case 'counter increment':
      return done((state as number) + ((value ?? 1) as number));
    case 'counter decrement':
      return done((state as number) - ((value ?? 1) as number));
    default:
      throw new Error(`${model} has no ${f}`);
  }
}

type Registers = Readonly<Record<string, Json>>;
type Micro = readonly [string, string, Json];

function transaction(state: Registers, micros: readonly Micro[]): readonly PlainOutcome[] {
  const registers = { ...state };
  const answer = micros.map(([f, name, value]): Json => {
    if (f === 'read' || f === 'r') return [f, name, registers[name]!];
    registers[name] = value;
    return [f, name, value];
  });
  return [{ answers: [answer], state: registers }];
}

/** True if the recorded answer is one of the outcome's. A set is read in any order. */
export function isAnswerOf(model: PlainName, { f }: Call, { answers }: PlainOutcome, output: Json): boolean {
  const text = (answer: Json): string =>
    JSON.stringify(
      model === 'set' && f === 'read' && Array.isArray(answer)
        ? (answer as readonly Json[]).toSorted(inSomeOrder)
        : answer,
    );
  return answers.some((answer) => text(answer) === text(output));
}

/** For what has no order: the same things always in the same one. */
function inSomeOrder(a: Json, b: Json): number {
  const [first, second] = [JSON.stringify(a), JSON.stringify(b)];
  return first === second ? 0 : first < second ? -1 : 1;
}
