/** One form of an EDN history: a map, or a record that is printed as one, with the fields of a Jepsen operation. */
import { EdnError, EdnMap, Keyword, Scalar, Tagged, type Edn } from './edn-elements.ts';
import { shown } from './edn-json.ts';
import type { CompletionType } from './event-pairing.ts';

/** The fields of a form that a history is made of. */
export interface EdnOp {
  /** A client's number, or in words who else wrote this line (`:nemesis`). */
  readonly process: number | string;
  readonly type: CompletionType | 'invoke';
  readonly f: string;
  /** Undefined where it is missing, which Clojure reads as nil. */
  readonly value: Edn | undefined;
  readonly key: Edn | undefined;
  readonly error: string | undefined;
  readonly index: Edn | undefined;
  readonly time: Edn | undefined;
  /** Where f, value and key stand. */
  readonly at: { readonly f: number; readonly value: number; readonly key: number; readonly time: number };
}

/** What records of operations are called: by jepsen.history, and by the Knossos before it. */
const RECORD_TAGS: readonly string[] = ['jepsen.history.Op', 'knossos.op.Op', 'jepsen.op.Op'];

/**
 * The fields of a form.
 * @throws EdnError where it is no operation
 */
export function opOf(form: Edn, at: number): EdnOp {
  const map = mapOf(form, at);
  const place = placesOf(map);
  const edn = (field: number): Edn | undefined => (place[field] === MISSING ? undefined : map.values[place[field]!]);
  const start = (field: number): number => (place[field] === MISSING ? at : map.starts[place[field]!]!);
  const process = processOf(edn(PROCESS), start(PROCESS));
  const type = typeOf(edn(TYPE), start(TYPE));
  if (typeof process === 'string' && type !== 'info') {
    throw new EdnError(start(PROCESS), `a client's process is a whole number, not ${process}`);
  }
  return {
    process,
    type,
    f: typeof process === 'string' ? '' : nameOf(edn(F), start(F)),
    value: edn(VALUE),
    key: edn(KEY),
    error: errorOf(edn(ERROR)),
    index: edn(INDEX),
    time: edn(TIME),
    at: { f: start(F), value: start(VALUE), key: start(KEY), time: start(TIME) },
  };
}

const FIELDS: readonly string[] = ['process', 'type', 'f', 'value', 'key', 'error', 'index', 'time'];
const [PROCESS, TYPE, F, VALUE, KEY, ERROR, INDEX, TIME] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const MISSING = -1;

function mapOf(form: Edn, at: number): EdnMap {
  if (form instanceof EdnMap) return form;
  if (form instanceof Tagged && form.value instanceof EdnMap) {
    if (!RECORD_TAGS.includes(form.tag)) throw new EdnError(at, `unknown tag #${form.tag}`);
    return form.value;
  }
  throw new EdnError(at, `not a map like {:process 0, :type :invoke, :f :read, :value nil}: ${shown(form)}`);
}

/** By field: its place in the map, or MISSING. */
function placesOf({ keys, starts }: EdnMap): number[] {
  const places = FIELDS.map(() => MISSING);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    const field = key instanceof Keyword ? FIELDS.indexOf(key.name) : MISSING;
    if (field === MISSING) continue;
    if (places[field] !== MISSING) throw new EdnError(starts[i]!, `:${FIELDS[field]} stands twice in the map`);
    places[field] = i;
  }
  return places;
}

function processOf(process: Edn | undefined, at: number): number | string {
  if (typeof process === 'number' && Number.isInteger(process) && process >= 0) return process;
  const isName = process instanceof Keyword || process instanceof Scalar || typeof process === 'string';
  if (isName) return shown(process);
  throw new EdnError(at, `:process must be a whole number from 0 on, not ${shown(process)}`);
}

function typeOf(type: Edn | undefined, at: number): EdnOp['type'] {
  const name = type instanceof Keyword ? type.name : undefined;
  if (name === 'invoke' || name === 'ok' || name === 'fail' || name === 'info') return name;
  throw new EdnError(at, `:type must be :invoke, :ok, :fail or :info, not ${shown(type)}`);
}

function nameOf(f: Edn | undefined, at: number): string {
  if (f instanceof Keyword) return f.name;
  throw new EdnError(at, `:f must be a keyword like :read, not ${shown(f)}`);
}

function errorOf(error: Edn | undefined): string | undefined {
  if (error === undefined || error === null) return undefined;
  if (error instanceof Keyword) return error.name;
  return typeof error === 'string' ? error.slice(0, 200) : shown(error);
}
