/** Guesses the model of a history from the operations in it, and says why, so that a wrong guess is noticed. */
import type { Call, History, Json } from '../history/operation.ts';
import { OK, tableOf, type Table } from '../history/table.ts';
import { NULL_VALUE } from '../history/values.ts';
import type { Model } from './model.ts';
import { modelNamed, models } from './named.ts';

/** A model, or none, and the reason in words. */
export interface Guess {
  readonly model: Model<Json, Call, Json> | undefined;
  readonly reason: string;
}

/**
 * The smallest model that knows every operation of the history; where several do, the answers of reads decide, and the reason
 * says which other one could be named. Costs a pass over a column, and a look at a few answers.
 */
export function guessModel(history: History): Guess {
  const table = tableOf(history);
  const fs = operationsOf(table);
  const possible = [...models.values()].filter(({ knows }) => fs.every((f) => knows!.includes(f)));
  if (possible.length === 0) return { model: undefined, reason: noModel(fs) };
  const words = fs.length === 0 ? 'there are no operations' : `the operations are ${fs.join(', ')}`;
  const { name, initial, why } = choose(
    possible.map((model) => model.name),
    fs,
    table,
  );
  const model = modelNamed(name, initial === undefined ? {} : { initial });
  return { model, reason: why === undefined ? words : `${words}${why}` };
}

/** What is taken, and why, where that is not plain from the operations. */
interface Choice {
  readonly name: string;
  readonly initial?: Json;
  readonly why?: string;
}

/** @param possible names in the order of `models`, at least one */
function choose(possible: readonly string[], fs: readonly string[], table: Table): Choice {
  const has = (f: string): boolean => fs.includes(f);
  if (has('dequeue') || has('enqueue')) {
    return { name: 'queue', why: '; where no order is promised, name the model unordered-queue' };
  }
  if (has('get')) return kvChoice(table);
  if (possible.includes('counter') && has('add')) return addChoice(table);
  if (has('append')) {
    return has('read')
      ? { name: 'list' }
      : { name: 'list', why: ', and nothing was read; where texts are appended to texts, name the model kv' };
  }
  if (fs.length === 1 && has('read') && readsOf(table).some(Array.isArray)) {
    return { name: 'list', why: ', and it answers arrays; where their order is of no matter, name the model set' };
  }
  return { name: possible[0]! };
}

/** A store answers '' or null for a key that was never put: which, only the answers can tell. */
function kvChoice(table: Table): Choice {
  const get = table.names.indexOf('get');
  for (let row = 0; row < table.count; row++) {
    if (table.f[row] !== get || table.state[row] !== OK || table.output[row] !== NULL_VALUE) continue;
    return { name: 'kv', initial: null, why: ', and a get answered null, so that keys hold null at first' };
  }
  return { name: 'kv' };
}

/** What is added to a set and what is added to a counter look alike; what is read does not. */
function addChoice(table: Table): Choice {
  const [read] = readsOf(table);
  if (typeof read === 'number') return { name: 'counter', why: ', and a read answered a number; a set is named set' };
  if (Array.isArray(read)) return { name: 'set', why: ', and a read answered an array; a counter is named counter' };
  return { name: 'set', why: ', and no read tells more; where numbers are summed up, name the model counter' };
}

const LOOKED_AT = 8;

/** What the first few answered reads saw. */
function readsOf(table: Table): readonly Json[] {
  const read = table.names.indexOf('read');
  const seen: Json[] = [];
  for (let row = 0; row < table.count && seen.length < LOOKED_AT; row++) {
    if (table.f[row] === read && table.state[row] === OK) seen.push(table.values.get(table.output[row]!));
  }
  return seen;
}

/** The names of the operations, failed ones included, in alphabetical order. */
function operationsOf({ count, f, names }: Table): readonly string[] {
  const isSeen = new Uint8Array(names.length);
  for (let row = 0; row < count; row++) isSeen[f[row]!] = 1;
  return names.filter((_name, i) => isSeen[i] === 1).sort();
}

function noModel(fs: readonly string[]): string {
  const known = new Set([...models.values()].flatMap(({ knows }) => knows ?? []));
  const foreign = fs.filter((f) => !known.has(f));
  const quoted = (some: readonly string[]): string => some.map((f) => JSON.stringify(f)).join(', ');
  return foreign.length > 0
    ? `no model is known that has ${quoted(foreign)}`
    : `no model is known that has all of ${quoted(fs)}`;
}
