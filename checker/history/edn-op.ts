/** One form of an EDN history: a map, or a record that is printed as one, with the fields of a Jepsen operation. */
import { EdnError, EdnMap, Keyword, Scalar, Tagged, type Edn } from './edn.ts';
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
  const fields = fieldsOf(form, at);
  const process = processOf(fields, at);
  const type = typeOf(fields, at);
  if (typeof process === 'string' && type !== 'info') {
    throw new EdnError(startOf(fields, 'process', at), `a client's process is a whole number, not ${process}`);
  }
  return {
    process,
    type,
    f: typeof process === 'string' ? '' : nameOf(fields, at),
    value: fields.get('value')?.edn,
    key: fields.get('key')?.edn,
    error: errorOf(fields.get('error')?.edn),
    index: fields.get('index')?.edn,
    time: fields.get('time')?.edn,
    at: {
      f: startOf(fields, 'f', at),
      value: startOf(fields, 'value', at),
      key: startOf(fields, 'key', at),
      time: startOf(fields, 'time', at),
    },
  };
}

type Fields = ReadonlyMap<string, { readonly edn: Edn; readonly at: number }>;

function fieldsOf(form: Edn, at: number): Fields {
  if (form instanceof Tagged && form.value instanceof EdnMap) {
    if (!RECORD_TAGS.includes(form.tag)) throw new EdnError(at, `unknown tag #${form.tag}`);
    return fieldsOf(form.value, at);
  }
  if (!(form instanceof EdnMap)) {
    throw new EdnError(at, `not a map like {:process 0, :type :invoke, :f :read, :value nil}: ${shown(form)}`);
  }
  const fields = new Map<string, { readonly edn: Edn; readonly at: number }>();
  form.keys.forEach((key, i) => {
    if (!(key instanceof Keyword)) return;
    if (fields.has(key.name)) throw new EdnError(form.starts[i]!, `:${key.name} stands twice in the map`);
    fields.set(key.name, { edn: form.values[i]!, at: form.starts[i]! });
  });
  return fields;
}

function processOf(fields: Fields, at: number): number | string {
  const process = fields.get('process')?.edn;
  if (typeof process === 'number' && Number.isInteger(process) && process >= 0) return process;
  const isName = process instanceof Keyword || process instanceof Scalar || typeof process === 'string';
  if (isName) return shown(process);
  throw new EdnError(
    startOf(fields, 'process', at),
    `:process must be a whole number from 0 on, not ${shown(process)}`,
  );
}

function typeOf(fields: Fields, at: number): EdnOp['type'] {
  const type = fields.get('type')?.edn;
  const name = type instanceof Keyword ? type.name : undefined;
  if (name === 'invoke' || name === 'ok' || name === 'fail' || name === 'info') return name;
  throw new EdnError(startOf(fields, 'type', at), `:type must be :invoke, :ok, :fail or :info, not ${shown(type)}`);
}

function nameOf(fields: Fields, at: number): string {
  const f = fields.get('f')?.edn;
  if (f instanceof Keyword) return f.name;
  throw new EdnError(startOf(fields, 'f', at), `:f must be a keyword like :read, not ${shown(f)}`);
}

function errorOf(error: Edn | undefined): string | undefined {
  if (error === undefined || error === null) return undefined;
  if (error instanceof Keyword) return error.name;
  return typeof error === 'string' ? error.slice(0, 200) : shown(error);
}

function startOf(fields: Fields, name: string, at: number): number {
  return fields.get(name)?.at ?? at;
}
