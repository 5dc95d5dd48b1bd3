/**
 * Histories as files of every format, and ways to spoil them: for the claim that a reader answers anything with an error that
 * names the line, or with a history that is one, and never with a crash, a hang, or a guess.
 */
import { formats, type Format } from '../../../checker/history/format.ts';
import { historyReader } from '../../../checker/history/reader.ts';
import { FAILED, NEVER, OK, tableOf, UNKNOWN, type Table } from '../../../checker/history/table.ts';
import { HistoryError, type History } from '../../../checker/index.ts';
import type { Random } from '../../../src/base/random.ts';

interface Event {
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: 'read' | 'write' | 'cas';
  readonly value: null | number | readonly [number, number];
}

/** A spoiled file. `mustFail` where no reading of it is a history. */
export interface SpoiledFile {
  readonly format: Format;
  readonly bytes: Uint8Array;
  readonly how: string;
  readonly mustFail: boolean;
}

/** A file of a random format, spoiled in a random way. */
export function spoiledFile(random: Random): SpoiledFile {
  const format = random.pick(formats);
  const events = randomEvents(random, random.between(1, 12));
  if (random.chance(0.3)) return illFormedFile(random, format, events);
  const how = random.pick(Object.keys(SPOILERS) as (keyof typeof SPOILERS)[]);
  let bytes = new Uint8Array(Buffer.from(fileOf(format, events)));
  for (let i = random.between(1, 3); i > 0; i--) bytes = new Uint8Array(SPOILERS[how](random, bytes));
  return { format, bytes, how, mustFail: false };
}

/** What is wrong with the outcome of reading these bytes, or undefined. Reads them in random chunks, twice. */
export function faultOf(random: Random, { format, bytes, mustFail }: SpoiledFile): string | undefined {
  const named = random.chance(0.5) ? format : 'auto';
  const outcomes = [1, 2].map(() => outcomeOf(random, named, bytes));
  const [first, second] = outcomes.map(wordsFor);
  if (first !== second) return `other chunks, another outcome: ${first!.slice(0, 1000)} and ${second!.slice(0, 1000)}`;
  const [outcome] = outcomes;
  if (outcome instanceof HistoryError) return errorFault(outcome);
  return mustFail ? `an ill-formed history was accepted: ${first!.slice(0, 1000)}` : historyFault(tableOf(outcome!));
}

function wordsFor(outcome: History | HistoryError): string {
  if (outcome instanceof HistoryError) return outcome.message;
  const { operations, failed, warnings } = outcome;
  return JSON.stringify({ operations, failed, warnings });
}

function outcomeOf(random: Random, format: Format | 'auto', bytes: Uint8Array): History | HistoryError {
  const reader = historyReader('h', { format });
  try {
    for (let from = 0; from < bytes.length;) {
      const length = random.chance(0.3) ? random.between(1, 5) : random.between(1, 400);
      // The memory of a chunk is used again, as whoever reads a file into one buffer does.
      const chunk = bytes.slice(from, from + length);
      reader.push(chunk);
      chunk.fill(0x20);
      from += length;
    }
    return reader.finish();
  } catch (error) {
    if (error instanceof HistoryError) return error;
    throw error;
  }
}

function errorFault({ file, line, reason }: HistoryError): string | undefined {
  if (file !== 'h' || !Number.isInteger(line) || line < 1 || reason === '') return 'an error without its place';
  return reason.length > 600 || reason.includes('\n')
    ? `an error that fills the screen: ${reason.slice(0, 100)}`
    : undefined;
}

/** What a table must hold, whatever it was read from. */
function historyFault(table: Table): string | undefined {
  const { count, state, call, ret, callNs, returnNs, id, process } = table;
  const ids = new Set<number>();
  const places = new Set<number>();
  const freeAgain = new Map<number, number>();
  for (let row = 0; row < count; row++) {
    const isAnswered = state[row] !== UNKNOWN;
    if (![OK, UNKNOWN, FAILED].includes(state[row]!)) return `row ${row}: no state`;
    if (isAnswered !== (ret[row] !== NEVER)) return `row ${row}: an answer without a return, or the other way round`;
    if (ret[row]! <= call[row]! || (isAnswered && returnNs[row]! < callNs[row]!))
      return `row ${row} returns before its call`;
    if (!isAnswered && returnNs[row] !== Infinity) return `row ${row}: unknown, but with a time of return`;
    if (row > 0 && (call[row]! <= call[row - 1]! || callNs[row]! < callNs[row - 1]!))
      return `row ${row} is called before the row above`;
    if (ids.has(id[row]!)) return `id ${id[row]} stands twice`;
    if (!Number.isSafeInteger(callNs[row]!) || callNs[row]! < 0) return `row ${row}: time ${callNs[row]}`;
    if ((freeAgain.get(process[row]!) ?? -1) > callNs[row]!) return `process ${process[row]} does two things at once`;
    if (isAnswered) freeAgain.set(process[row]!, returnNs[row]!);
    ids.add(id[row]!);
    for (const place of [call[row]!, ...(isAnswered ? [ret[row]!] : [])]) {
      if (places.has(place) || place < 0 || place >= table.end) return `row ${row}: place ${place} is taken, or none`;
      places.add(place);
    }
  }
  return undefined;
}

/** A history of which some operations crash or stay open; processes retire. */
function randomEvents(random: Random, operations: number): Event[] {
  const events: Event[] = [];
  const open: Event[] = [];
  let processes = 0;
  const idle: number[] = [];
  for (let started = 0; started < operations || (open.length > 0 && random.chance(0.9));) {
    if (started < operations && random.chance(0.6)) {
      const f = random.pick(['read', 'write', 'cas'] as const);
      const value = f === 'read' ? null : f === 'write' ? random.int(5) : ([random.int(5), random.int(5)] as const);
      const event: Event = { process: idle.pop() ?? processes++, type: 'invoke', f, value };
      events.push(event);
      open.push(event);
      started++;
    } else if (open.length > 0) {
      const [event] = open.splice(random.int(open.length), 1);
      const type = random.pick(['ok', 'ok', 'fail', 'info'] as const);
      const value = event!.f === 'read' && type === 'ok' ? random.int(5) : event!.value;
      events.push({ ...event!, type, value });
      if (type !== 'info') idle.push(event!.process);
    }
  }
  return events;
}

function fileOf(format: Format, events: readonly Event[]): string {
  if (format !== 'rows') return events.map((event, index) => `${lineOf(format, event, index)}\n`).join('');
  return rowsOf(events)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
}

function lineOf(format: Exclude<Format, 'rows'>, { process, type, f, value }: Event, index: number): string {
  const edn = value === null ? 'nil' : typeof value === 'number' ? String(value) : `[${value.join(' ')}]`;
  const kvF = f === 'read' ? 'get' : f === 'write' ? 'put' : 'append';
  const text = value === null ? 'nil' : JSON.stringify(`\u00e9${String(value)}`);
  switch (format) {
    case 'jsonl':
      return JSON.stringify({ index, time: index * 10, process, type, f, key: 'x', value });
    case 'edn':
      return `{:process ${process}, :type :${type}, :f :${f}, :value ${edn}, :time ${index * 10}, :index ${index}}`;
    case 'etcd-log':
      return `INFO  jepsen.util - ${process}\t:${type}\t:${f}\t${edn}`;
    case 'kv-text':
      return `{:process ${process}, :type :${type}, :f :${kvF}, :key "0", :value ${text}}`;
  }
}

interface Row {
  readonly client: number;
  readonly call: number;
  return: number | null;
  readonly input: { readonly f: string; readonly key: string; readonly value: Event['value'] };
  output: unknown;
}

function rowsOf(events: readonly Event[]): Row[] {
  const rows: Row[] = [];
  const open = new Map<number, Row>();
  events.forEach(({ process, type, f, value }, i) => {
    if (type === 'invoke') {
      const row: Row = { client: process, call: i * 10, return: null, input: { f, key: 'x', value }, output: null };
      rows.push(row);
      open.set(process, row);
    } else if (type !== 'info') {
      const row = open.get(process)!;
      row.return = i * 10;
      row.output = f === 'cas' ? type === 'ok' : f === 'read' ? value : null;
    }
  });
  return rows;
}

/** Files of which nothing but an error may come. */
function illFormedFile(random: Random, format: Format, events: readonly Event[]): SpoiledFile {
  if (format === 'rows') return illFormedRows(random, events);
  const answered = events.findLastIndex(({ type }) => type !== 'invoke');
  const ways = ['invoked twice', ...(answered < 0 ? [] : ['answered first', 'answered twice'])];
  if (format === 'jsonl' || format === 'edn') ways.push('index twice');
  const how = random.pick(ways);
  const lines = events.map((event, index) => lineOf(format, event, index));
  const last = { ...events[0]!, process: 99, type: 'invoke' } as const;
  let spoiled: string[];
  if (how === 'index twice') {
    spoiled = [...lines, lineOf(format, last, lines.length - 1)];
  } else {
    const added: Event[] =
      how === 'invoked twice' ? [last, last] : [how === 'answered first' ? { ...last, type: 'ok' } : events[answered]!];
    const at = how === 'answered first' ? 0 : how === 'answered twice' ? answered + 1 : events.length;
    const all = events.toSpliced(at, 0, ...added);
    spoiled = all.map((event, index) => lineOf(format, event, index));
  }
  const text = spoiled.map((line) => `${line}\n`).join('');
  return { format, bytes: new Uint8Array(Buffer.from(text)), how, mustFail: true };
}

function illFormedRows(random: Random, events: readonly Event[]): SpoiledFile {
  const rows = rowsOf(events);
  const how = random.pick(['returns first', 'two at once']);
  const row = { ...rows[0]!, client: 99, call: 1000 };
  const added =
    how === 'returns first'
      ? [{ ...row, return: 999 }]
      : [row, row].map((it) => ({ ...it, output: true, return: 1001 }));
  const text = random
    .shuffle([...rows, ...added])
    .map((it) => `${JSON.stringify(it)}\n`)
    .join('');
  return { format: 'rows', bytes: new Uint8Array(Buffer.from(text)), how, mustFail: true };
}

const SPOILERS = {
  truncated: (random: Random, bytes: Uint8Array) => bytes.subarray(0, random.int(bytes.length + 1)),
  'bits flipped': (random: Random, bytes: Uint8Array) => {
    const copy = bytes.slice();
    for (let i = random.between(1, 4); i > 0 && copy.length > 0; i--)
      copy[random.int(copy.length)]! ^= 1 << random.int(8);
    return copy;
  },
  'lines shuffled': (random: Random, bytes: Uint8Array) =>
    inLines(bytes, (lines) => (random.chance(0.5) ? random.shuffle(lines) : swapped(random, lines))),
  'lines dropped': (random: Random, bytes: Uint8Array) =>
    inLines(bytes, (lines) => lines.filter(() => random.chance(0.8))),
  'lines repeated': (random: Random, bytes: Uint8Array) =>
    inLines(bytes, (lines) => lines.flatMap((line) => (random.chance(0.2) ? [line, line] : [line]))),
  'huge numbers': (random: Random, bytes: Uint8Array) =>
    replaced(random, bytes, /\d+/g, () =>
      random.pick(['9'.repeat(random.between(1, 60)), '1e999', '-1', '0.1', '9007199254740993']),
    ),
  'deep nesting': (random: Random, bytes: Uint8Array) =>
    replaced(random, bytes, /nil|null|\d+|"[^"]*"/g, (old) => nested(random, old, random.pick([3, 199, 250, 5000]))),
  'other words': (random: Random, bytes: Uint8Array) =>
    replaced(random, bytes, /[:"]?[A-Za-z]+"?|[^\w\s]/g, () => random.pick(WORDS)),
  'binary inside': (random: Random, bytes: Uint8Array) => {
    const at = random.int(bytes.length + 1);
    const noise = Uint8Array.from({ length: random.between(1, 40) }, () => random.int(256));
    return Uint8Array.from([...bytes.subarray(0, at), ...noise, ...bytes.subarray(at)]);
  },
  'two files': (random: Random, bytes: Uint8Array) =>
    Uint8Array.from([...bytes, ...Buffer.from(fileOf(random.pick(formats), randomEvents(random, 3)))]),
  'in brackets': (random: Random, bytes: Uint8Array) =>
    Uint8Array.from([...Buffer.from(random.pick(['[', '(', '{', '"'])), ...bytes]),
} as const;

const WORDS: readonly string[] = [
  ':ok',
  ':invoke',
  ':fail',
  ':info',
  '"ok"',
  '"invoke"',
  '"info"',
  'nil',
  'null',
  ':read',
  ':txn',
  '"f"',
  ':append',
  '[[:r :x nil]]',
  '[1 nil]',
  '#foo',
  '#_',
  '#{',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '"',
  '\\',
  ';',
  ',',
  ':',
  '',
  '##Inf',
  '1N',
  '\u00e9',
  '__proto__',
  '"__proto__"',
];

function inLines(bytes: Uint8Array, change: (lines: readonly string[]) => readonly string[]): Uint8Array {
  const lines = Buffer.from(bytes).toString('latin1').split('\n').slice(0, -1);
  return Buffer.from(
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
    'latin1',
  );
}

function swapped(random: Random, lines: readonly string[]): readonly string[] {
  if (lines.length < 2) return lines;
  const at = random.int(lines.length - 1);
  return lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!);
}

/** One or two of the places that match. */
function replaced(random: Random, bytes: Uint8Array, pattern: RegExp, by: (old: string) => string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const places = [...text.matchAll(pattern)];
  if (places.length === 0) return bytes;
  const chosen = random.pick(places);
  const [old] = chosen;
  return Buffer.from(`${text.slice(0, chosen.index)}${by(old)}${text.slice(chosen.index + old.length)}`);
}

function nested(random: Random, inner: string, depth: number): string {
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{:a ', '}'],
    ['#{', '}'],
    ['(', ')'],
    ['#_ ', ''],
    ['[', ''],
  ] as const);
  return `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
}
