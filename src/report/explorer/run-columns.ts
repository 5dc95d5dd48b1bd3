/**
 * Every operation of a run in few bytes, for the explorer: one column a field, numbers as differences to the one before, as
 * varints. The report room writes it, the reader's browser reads it; both sides are here, so that they cannot drift apart.
 */
import type { Json, Nanos, Operation } from '../../../checker/index.ts';
import { ByteReader, ByteWriter } from '../../wire/bytes.ts';
import type { Bar } from '../scene.ts';
import { ValueReader, ValueWriter } from './value-column.ts';
import { unzigzag, zigzag } from './zigzag.ts';

/** What stands once for all operations. */
export interface RunMeta {
  readonly isTimed: boolean;
  readonly endNs: Nanos;
  /** Times are multiples of it. */
  readonly unitNs: number;
  /** Operations of the history; more than the columns hold where it was too long. */
  readonly total: number;
  readonly faults: readonly { readonly kind: string; readonly fromNs: Nanos; readonly toNs: Nanos | null }[];
}

/** Operations in order of invocation, a column a field. Names are places in the lists; -1 where there is none. */
export interface RunColumns {
  readonly meta: RunMeta;
  readonly count: number;
  readonly clients: readonly number[];
  readonly keys: readonly string[];
  readonly nodes: readonly string[];
  readonly calls: readonly string[];
  readonly notes: readonly string[];
  readonly id: Float64Array;
  readonly client: Int32Array;
  /** Place in KINDS. */
  readonly kind: Uint8Array;
  readonly isBad: Uint8Array;
  readonly from: Float64Array;
  /** Infinity where the client waited on. */
  readonly to: Float64Array;
  readonly key: Int32Array;
  readonly call: Int32Array;
  readonly entry: Int32Array;
  readonly server: Int32Array;
  readonly asked: readonly Json[];
  /** Of those that were answered. */
  readonly answer: readonly Json[];
  readonly note: Int32Array;
}

const KINDS: readonly Bar['kind'][] = ['change', 'read', 'mismatch', 'unknown', 'refused'];
export const CHANGE = 0;
export const READ = 1;
export const MISMATCH = 2;
export const UNKNOWN = 3;
export const REFUSED = 4;

/** Operations from which on a microsecond is fine enough: their nanoseconds would be half of the page. */
const MANY = 50_000;

/** The unit that times of so many operations are kept in. */
export function unitFor(operations: number, isTimed: boolean): number {
  return isTimed && operations > MANY ? 1000 : 1;
}

/** @param bars in order of invocation */
export function encodeRun(bars: readonly Bar[], meta: RunMeta, bad: ReadonlySet<number>): Uint8Array {
  const names = { client: new Names(), key: new Names(), node: new Names(), call: new Names(), note: new Names() };
  const columns = columnsOf(() => new ByteWriter(1024));
  const { id, client, kind, from, length, key, call, entry, server, asked, answer, note } = columns;
  const values = new ValueWriter();
  const units = (timeNs: Nanos): number => Math.round(timeNs / meta.unitNs);
  const difference = { id: 0, from: 0 };
  for (const bar of bars) {
    const { operation, input, entryNode } = bar;
    id.varint(zigzag(bar.id - difference.id));
    difference.id = bar.id;
    client.varint(names.client.of(String(bar.client)));
    kind.u8(KINDS.indexOf(bar.kind) * 2 + (bad.has(bar.id) ? 1 : 0));
    from.varint(zigzag(units(bar.fromNs) - difference.from));
    difference.from = units(bar.fromNs);
    length.varint(Number.isFinite(bar.toNs) ? 1 + units(bar.toNs) - units(bar.fromNs) : 0);
    key.varint(input.key === undefined ? 0 : 1 + names.key.of(input.key));
    call.varint(names.call.of(input.f));
    const node = operation?.node ?? entryNode;
    entry.varint(entryNode === undefined ? 0 : 1 + names.node.of(entryNode));
    // Mostly who was asked answers.
    server.varint(node === entryNode ? 0 : 1 + names.node.of(node!));
    values.write(asked, input.value, input.key);
    if (operation?.outcome.kind === 'ok') values.write(answer, operation.outcome.output, input.key);
    else note.varint(names.note.of(bar.note));
  }
  const lists = Object.fromEntries(Object.entries(names).map(([name, { list }]) => [name, list]));
  const head = JSON.stringify({ meta, count: bars.length, texts: values.texts, ...lists });
  const whole = new ByteWriter(1024).text(head);
  for (const name of COLUMNS) whole.blob(columns[name].finish());
  return whole.finish();
}

/** In the order in which they are written. */
const COLUMNS = [
  'id',
  'client',
  'kind',
  'from',
  'length',
  'key',
  'call',
  'entry',
  'server',
  'asked',
  'answer',
  'note',
] as const;

function columnsOf<T>(make: () => T): Readonly<Record<(typeof COLUMNS)[number], T>> {
  return Object.fromEntries(COLUMNS.map((name) => [name, make()])) as Record<(typeof COLUMNS)[number], T>;
}

/** What `encodeRun` wrote. */
export function decodeRun(bytes: Uint8Array): RunColumns {
  const reader = new ByteReader(bytes);
  const head = JSON.parse(reader.text()) as Head;
  const columns = columnsOf(() => new ByteReader(reader.blob()));
  const { id, client, kind, from, length, key, call, entry, server, asked, answer, note } = columns;
  const { meta, count } = head;
  const values = new ValueReader(head.texts);
  const run = {
    id: new Float64Array(count),
    client: new Int32Array(count),
    kind: new Uint8Array(count),
    isBad: new Uint8Array(count),
    from: new Float64Array(count),
    to: new Float64Array(count).fill(Infinity),
    key: new Int32Array(count),
    call: new Int32Array(count),
    entry: new Int32Array(count),
    server: new Int32Array(count),
    asked: [] as Json[],
    answer: [] as Json[],
    note: new Int32Array(count).fill(-1),
  };
  const last = { id: 0, from: 0 };
  for (let i = 0; i < count; i++) {
    run.id[i] = last.id += unzigzag(id.varint());
    run.client[i] = client.varint();
    const both = kind.u8();
    run.kind[i] = both >> 1;
    run.isBad[i] = both & 1;
    last.from += unzigzag(from.varint());
    run.from[i] = last.from * meta.unitNs;
    const units = length.varint();
    if (units > 0) run.to[i] = (last.from + units - 1) * meta.unitNs;
    run.key[i] = key.varint() - 1;
    run.call[i] = call.varint();
    run.entry[i] = entry.varint() - 1;
    const other = server.varint();
    run.server[i] = other === 0 ? run.entry[i]! : other - 1;
    const keyName = head.key[run.key[i]!];
    run.asked.push(values.read(asked, keyName));
    const isAnswered = run.kind[i]! < UNKNOWN;
    run.answer.push(isAnswered ? values.read(answer, keyName) : null);
    if (!isAnswered) run.note[i] = note.varint();
  }
  for (const name of COLUMNS) columns[name].end();
  const lists = {
    clients: head.client.map(Number),
    keys: head.key,
    nodes: head.node,
    calls: head.call,
    notes: head.note,
  };
  return { meta, count, ...lists, ...run };
}

interface Head {
  readonly meta: RunMeta;
  readonly count: number;
  readonly texts: readonly string[];
  readonly client: readonly string[];
  readonly key: readonly string[];
  readonly node: readonly string[];
  readonly call: readonly string[];
  readonly note: readonly string[];
}

/** The operation at a place, as the bar that the timeline would draw. Its process is its client: the rest is not kept. */
export function barAt(run: RunColumns, at: number): Bar {
  const kind = KINDS[run.kind[at]!]!;
  const key = run.keys[run.key[at]!];
  const input = { f: run.calls[run.call[at]!]!, value: run.asked[at]!, ...(key === undefined ? {} : { key }) };
  const entryNode = run.nodes[run.entry[at]!];
  const node = run.nodes[run.server[at]!];
  const note = run.notes[run.note[at]!] ?? '';
  const common = { id: run.id[at]!, input };
  const client = run.clients[run.client[at]!]!;
  const [fromNs, toNs] = [run.from[at]!, run.to[at]!];
  const outcome: Operation['outcome'] =
    kind === 'unknown' ? { kind, reason: note } : { kind: 'ok', output: run.answer[at]!, returnNs: toNs };
  const nodes = { ...(entryNode === undefined ? {} : { entryNode }), ...(node === undefined ? {} : { node }) };
  const operation = kind === 'refused' ? null : { ...common, process: client, callNs: fromNs, outcome, ...nodes };
  return { ...common, client, kind, fromNs, toNs, operation, entryNode, note };
}

/** Numbers names in the order in which they come. */
class Names {
  readonly list: string[] = [];
  readonly #places = new Map<string, number>();

  of(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}
