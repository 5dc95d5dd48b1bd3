/**
 * What input and output of a row mean. Known are our own calls and those of Porcupine's examples, recognised by their shape;
 * others are refused, because their meaning would be a guess:
 *
 * - `{"f": "write", "key": "x", "value": 5}`, answered with the value that a read saw, true or false for a compare-and-set
 *   (`"value": [expected, new]`), nothing for a write. `"op"` may stand in place of `"f"`, and `{"value": 5}` in place of 5 then.
 * - kv: `{"op": 0 | 1 | 2, "key": "x", "value": "a"}` for get, put, append, answered with `{"value": "a"}`.
 * - etcd: `{"op": 0 | 1 | 2, "arg1": 3, "arg2": 4}` for read, write, compare-and-set, answered with `{"ok": …, "exists": …,
 *   "value": …, "unknown": …}`.
 * - register: `{"op": true | false, "value": 5}` for get and put, answered with the value.
 */
import { shortened } from './exact-json.ts';
import { show } from './jsonl-line.ts';
import type { Json } from './operation.ts';

/** The call of a row, and what came of it. */
export interface RowCall {
  readonly f: string;
  readonly key?: string;
  readonly value: Json;
  /** Undefined where nobody saw it: the operation is of unknown outcome. */
  readonly output: Json | undefined;
  /** What whoever reads the verdict should know. */
  readonly warning?: string;
}

/**
 * The call of a row, or the reason why it is not known.
 * @param isAnswered false where the operation never returned: its output is not looked at
 */
export function callOfRow(input: Json, output: Json | undefined, isAnswered: boolean): RowCall | string {
  const fields = fieldsOf(input);
  if (fields === undefined) return unknownShape(input);
  const shape = shapeOf(fields);
  if (shape === undefined) return unknownShape(input);
  const extra = [...fields.keys()].find((name) => !shape.names.includes(name));
  if (extra !== undefined) return `input has a name that means nothing here: ${show(extra)}`;
  const call = shape.callOf(fields);
  if (typeof call === 'string') return call;
  if (!isAnswered || fieldsOf(output ?? null)?.get('unknown') === true) return { ...call, output: undefined };
  const answer = shape.answerOf(call.f, output ?? null);
  return typeof answer === 'string' ? answer : { ...call, output: answer.output };
}

type Fields = ReadonlyMap<string, Json>;
type Call = Omit<RowCall, 'output'>;
type Answer = { readonly output: Json };

interface Shape {
  readonly names: readonly string[];
  readonly callOf: (fields: Fields) => Call | string;
  readonly answerOf: (f: string, output: Json) => Answer | string;
}

function shapeOf(fields: Fields): Shape | undefined {
  const op = fields.get('op');
  if (typeof fields.get('f') === 'string' && op === undefined) return OWN;
  if (typeof op === 'string') return NAMED;
  if (typeof op === 'boolean') return REGISTER;
  if (op !== 0 && op !== 1 && op !== 2) return undefined;
  if (fields.has('key')) return KV;
  return fields.has('arg1') || fields.has('arg2') ? ETCD : undefined;
}

const OWN: Shape = {
  names: ['f', 'key', 'value'],
  callOf: (fields) => ownCall(fields, fields.get('f') as string),
  answerOf: ownAnswer,
};

const NAMED: Shape = {
  names: ['op', 'key', 'value'],
  callOf: (fields) => ownCall(fields, (fields.get('op') as string).toLowerCase()),
  answerOf: (f, output) => ownAnswer(f, unwrapped(output)),
};

const KV: Shape = {
  names: ['op', 'key', 'value'],
  callOf: (fields) => ownCall(fields, ['get', 'put', 'append'][fields.get('op') as number]!),
  answerOf: (f, output) => ownAnswer(f, unwrapped(output)),
};

const ETCD: Shape = {
  names: ['op', 'arg1', 'arg2'],
  callOf: (fields) => {
    const op = fields.get('op');
    const [first, second] = [fields.get('arg1') ?? null, fields.get('arg2') ?? null];
    if (op === 0) return { f: 'read', value: null };
    return op === 1 ? { f: 'write', value: first } : { f: 'cas', value: [first, second] };
  },
  answerOf: etcdAnswer,
};

const REGISTER: Shape = {
  names: ['op', 'value'],
  callOf: (fields) => ({
    ...(fields.get('op') === true ? { f: 'read', value: null } : { f: 'write', value: fields.get('value') ?? null }),
    warning: "Porcupine's register starts at 0, ours at null unless --initial 0 is given",
  }),
  answerOf: (f, output) => ownAnswer(f, unwrapped(output)),
};

/** What only acknowledges, whatever it is answered with. */
const SILENT: readonly string[] = ['write', 'put', 'append'];

function ownCall(fields: Fields, f: string): Call | string {
  const key = fields.get('key');
  const value = fields.get('value') ?? null;
  if (key === undefined || key === null) return { f, value };
  if (typeof key !== 'string' && typeof key !== 'number') return `key must be a string, not ${show(key)}`;
  return { f, key: String(key), value };
}

function ownAnswer(f: string, output: Json): Answer | string {
  if (SILENT.includes(f)) return { output: null };
  if (f === 'cas' && typeof output !== 'boolean') {
    return `a cas is answered true or false, not ${show(output)}`;
  }
  return { output };
}

function etcdAnswer(f: string, output: Json): Answer | string {
  const fields = fieldsOf(output);
  if (f === 'write') return { output: null };
  if (f === 'cas') {
    const isDone = fields?.get('ok');
    return typeof isDone === 'boolean'
      ? { output: isDone }
      : `a cas is answered {"ok": true | false}, not ${show(output)}`;
  }
  const exists = fields?.get('exists');
  if (exists === false) return { output: null };
  const value = fields?.get('value');
  if (exists !== true || value === undefined) {
    return `a read is answered {"exists": true | false, "value": …}, not ${show(output)}`;
  }
  return { output: value };
}

/** `{"value": 5}` is 5, and so is 5. */
function unwrapped(output: Json): Json {
  const fields = fieldsOf(output);
  return fields?.size === 1 && fields.has('value') ? fields.get('value')! : output;
}

/** An object's fields with their names in small letters: Go writes exported ones with a capital. */
function fieldsOf(value: Json): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  const fields = new Map(entries.map(([name, field]) => [name.toLowerCase(), field]));
  return fields.size === entries.length ? fields : undefined;
}

function unknownShape(input: Json): string {
  const known = '{"f":"write","key":"x","value":5}, {"op":1,"key":"x","value":"a"} or {"op":2,"arg1":3,"arg2":4}';
  return `input is not known here: ${shortened(JSON.stringify(input))}; known are ${known}`;
}
