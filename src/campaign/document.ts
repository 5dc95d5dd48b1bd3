/** A campaign's file: what may stand in it, and what is wrong with it, in words. */
import { StalemateError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import type { Expectation } from '../contract/index.ts';

/** Where a run takes place. */
export type CampaignWorld = 'processes' | 'simulator';

/** Declares something of all cells that it names; what is left out is every one. */
export interface Declaration {
  readonly systems?: readonly string[];
  readonly reads?: readonly string[];
  readonly faults?: readonly string[];
  readonly expect: Expectation;
}

/** A campaign as written, defaults filled in. */
export interface CampaignDocument {
  readonly name: string;
  readonly world: CampaignWorld;
  readonly seed: string;
  /** Runs a cell. */
  readonly seeds: number;
  readonly systems: readonly string[];
  readonly reads: readonly string[];
  readonly faults: readonly string[];
  /** Flags of `run` that hold for every cell. */
  readonly flags: Readonly<Record<string, string>>;
  /** Later ones win. */
  readonly expect: readonly Declaration[];
}

const WORLDS: readonly CampaignWorld[] = ['processes', 'simulator'];
const EXPECTATIONS: readonly Expectation[] = ['never', 'may', 'must'];
const LISTS = ['systems', 'reads', 'faults'] as const;
const FLAGS = ['bin-dir', 'nodes', 'workload', 'time', 'clients', 'keys', 'rate', 'election-timeout'];
const FIELDS = ['name', 'world', 'seed', 'seeds', ...LISTS, ...FLAGS, 'expect'];
const SEEDS_MOST = 100_000;

/** The document that was parsed from `path`. Throws a usage error that names the place. */
export function readDocument(parsed: unknown, path: string): CampaignDocument {
  const { bad, fields } = reader(path);
  const document = fields(parsed, FIELDS, '');
  const name = document['name'];
  if (typeof name !== 'string' || !/^[\w.-]{1,60}$/.test(name))
    throw bad('name', 'is missing or no plain word', 'letters, digits, - and _');
  const seeds = document['seeds'] ?? 1;
  if (!Number.isInteger(seeds) || (seeds as number) < 1 || (seeds as number) > SEEDS_MOST)
    throw bad('seeds', 'is no number of runs', `a whole number from 1 to ${SEEDS_MOST}`);
  const lists = Object.fromEntries(LISTS.map((list) => [list, listIn(document, list, bad)]));
  const odd = lists['systems']?.find((system) => !/^\S+( \S+)?$/.test(system));
  if (odd !== undefined) throw bad('systems', `holds ${odd}`, 'a system, and a mutant if you like: raft M30');
  return {
    name,
    world: oneOf(document['world'] ?? 'processes', WORLDS, () => bad('world', 'is neither', WORLDS.join(' or '))),
    seed: scalar(document['seed'] ?? name, () => bad('seed', 'is no word', 'any string')),
    seeds: seeds as number,
    systems: lists['systems'] ?? ['raft'],
    reads: lists['reads'] ?? ['read-index'],
    faults: lists['faults'] ?? ['none'],
    flags: Object.fromEntries(
      FLAGS.flatMap((flag) => {
        const value = document[flag];
        return value === undefined
          ? []
          : [[flag, scalar(value, () => bad(flag, 'is no value', `as --${flag} of run`))]];
      }),
    ),
    expect: declarations(document['expect'], { lists, reader: reader(path) }),
  };
}

type Fields = Readonly<Record<string, unknown>>;
type Bad = (place: string, what: string, hint: string) => StalemateError;

function reader(path: string): {
  readonly bad: Bad;
  readonly fields: (value: unknown, allowed: readonly string[], place: string) => Fields;
} {
  const bad: Bad = (place, what, hint) => new StalemateError('usage', `${path}: ${place} ${what}`, hint);
  return {
    bad,
    fields: (value, allowed, place) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw bad(place || 'the file', 'is no mapping', `fields are ${allowed.join(', ')}`);
      const stray = Object.keys(value).find((name) => !allowed.includes(name));
      if (stray === undefined) return value as Fields;
      const near = suggest(stray, allowed);
      throw bad(
        `${place}${place && '.'}${stray}`,
        'is no field',
        near === null ? `fields are ${allowed.join(', ')}` : `did you mean ${near}?`,
      );
    },
  };
}

function listIn(from: Fields, name: string, bad: Bad): readonly string[] | undefined {
  const value = from[name];
  if (value === undefined) return undefined;
  const items = (Array.isArray(value) ? value : [value]) as readonly unknown[];
  const words = items.map((it) => scalar(it, () => bad(name, 'holds something that is no word', 'a list of words')));
  if (words.length === 0) throw bad(name, 'is empty', 'leave it out for the default');
  const twice = words.find((word, at) => words.indexOf(word) !== at);
  if (twice !== undefined) throw bad(name, `names ${twice} twice`, 'each once');
  return words;
}

function declarations(
  value: unknown,
  it: {
    readonly lists: Readonly<Record<string, readonly string[] | undefined>>;
    readonly reader: ReturnType<typeof reader>;
  },
): readonly Declaration[] {
  const { bad, fields } = it.reader;
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad('expect', 'is no list', '- {reads: local, expect: may}');
  return value.map((item: unknown, at) => {
    const place = `expect[${at}]`;
    const found = fields(item, [...LISTS, 'expect'], place);
    const expect = oneOf(found['expect'], EXPECTATIONS, () =>
      bad(`${place}.expect`, 'is missing or unknown', `one of ${EXPECTATIONS.join(', ')}`),
    );
    const named = Object.fromEntries(
      LISTS.flatMap((list) => {
        const words = listIn(found, list, (name, what, hint) => bad(`${place}.${name}`, what, hint));
        const stray = words?.find((word) => !(it.lists[list] ?? [word]).includes(word));
        if (stray !== undefined)
          throw bad(
            `${place}.${list}`,
            `names ${stray}, which is not in ${list}`,
            `one of ${it.lists[list]!.join(', ')}`,
          );
        return words === undefined ? [] : [[list, words]];
      }),
    );
    return { ...named, expect };
  });
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], error: () => StalemateError): T {
  const found = allowed.find((it) => it === value);
  if (found === undefined) throw error();
  return found;
}

/** YAML reads 5 as a number and 5s as a word; `none` stays one. */
function scalar(value: unknown, error: () => StalemateError): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw error();
}
