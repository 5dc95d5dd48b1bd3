/**
 * Reads operations as Porcupine holds them, one JSON object for each, one after another or in one array:
 *
 *     {"client": 0, "call": 10, "return": 20, "input": {"f": "write", "key": "x", "value": 5}, "output": null}
 *
 * Names may be written as Go writes them (`ClientId`). Times are nanoseconds; an operation without a return is of unknown
 * outcome. Rows come in any order, so that columns are sorted at the end. Clients do one thing at a time; after an unknown
 * outcome one may go on. A row's id is its position from 0. What input and output mean is in `json-rows-call.ts`.
 */
import { inexactness } from './exact-json.ts';
import { callOfRow } from './json-rows-call.ts';
import { inOrderOfCalls, overlapOf } from './json-rows-order.ts';
import { Instants } from './instants.ts';
import { endOfObject, endOfString } from './json-text.ts';
import { show } from './jsonl-line.ts';
import type { History, Json } from './operation.ts';
import type { HistoryReader, ReadingOptions } from './reading.ts';
import { OK, Rows, TableHistory } from './table.ts';
import { TextWindow } from './text-window.ts';

/** Reads one history. */
export class JsonRowsReader implements HistoryReader {
  readonly #name: string;
  readonly #options: ReadingOptions;
  readonly #window: TextWindow;
  readonly #rows = new Rows();
  readonly #lines: number[] = [];
  readonly #instants = new Instants();
  readonly #warnings = new Set<string>();
  #state: 'start' | 'bare' | 'first' | 'comma' | 'element' | 'closed' = 'start';
  #hasClients: boolean | undefined;

  constructor(name: string, options: ReadingOptions = {}) {
    this.#name = name;
    this.#options = options;
    this.#window = new TextWindow(name);
  }

  push(bytes: Uint8Array): void {
    this.#window.push(bytes, () => this.#drain());
  }

  finish(): History {
    const window = this.#window;
    window.finish();
    this.#drain();
    if (window.text !== '') this.#cutOff();
    if (this.#state !== 'start' && this.#state !== 'bare' && this.#state !== 'closed') {
      window.refuse(0, 'the file ends before the ] of its array: it was cut off');
    }
    const rows = this.#rows;
    if (rows.count === 0 && this.#options.mayBeEmpty !== true) window.refuse(0, 'no operation in the file');
    this.#instants.shift(rows);
    const overlap = overlapOf(rows);
    if (overlap !== undefined) this.#refuseOverlap(overlap);
    const { clients } = this.#options;
    return new TableHistory(inOrderOfCalls(rows), {
      ...(clients === undefined ? {} : { clients }),
      warnings: [...this.#warnings].map((warning) => `${this.#name}: ${warning}`),
    });
  }

  /** Reads the whole objects in the window. */
  #drain(): void {
    const window = this.#window;
    const { text } = window;
    let at = 0;
    for (;;) {
      at = pastSpace(text, at);
      window.goTo(at);
      if (at === text.length) break;
      if (this.#isPunctuation(text.charAt(at))) {
        at++;
        continue;
      }
      const end = endOfObject(text, at);
      if (end < 0) break;
      this.#take(text.slice(at, end));
      at = end;
      if (this.#state !== 'bare') this.#state = 'comma';
    }
    window.drop(at);
  }

  /** Takes what stands between objects; false at the beginning of one. */
  #isPunctuation(char: string): boolean {
    const state = this.#state;
    if (char === '{' && state !== 'comma' && state !== 'closed') {
      if (state === 'start') this.#state = 'bare';
      return false;
    }
    const isExpected =
      (char === '[' && state === 'start') ||
      (char === ',' && state === 'comma') ||
      (char === ']' && (state === 'first' || state === 'comma'));
    if (!isExpected) {
      this.#window.refuse(
        this.#window.at,
        `not a row like {"client":0,"call":1,"return":2,…}: ${JSON.stringify(char)}`,
      );
    }
    this.#state = char === '[' ? 'first' : char === ',' ? 'element' : 'closed';
    return true;
  }

  /** What is left is the beginning of an object: a crash may have cut off the last line. */
  #cutOff(): void {
    const window = this.#window;
    if (this.#state !== 'bare' || !window.isOnLastLine)
      window.refuse(0, 'the file ends inside the object that begins here');
    this.#warnings.add(`the last row, on line ${window.line}, was cut off and is left out`);
  }

  #take(text: string): void {
    const record = parse(text) ?? this.#refuse('not JSON');
    const inexact = inexactness(text, (name) => /^(?:input|output)$/i.test(name));
    if (inexact !== undefined) this.#refuse(inexact);
    const fields = fieldsOf(record);
    if (typeof fields === 'string') this.#refuse(fields);
    const callNs = this.#instants.of(fields.call, () => writtenAs(text, 'call'));
    const returnNs =
      fields.return === null ? Infinity : this.#instants.of(fields.return, () => writtenAs(text, 'return'));
    if (typeof callNs === 'string') this.#refuse(`call ${callNs}`);
    if (typeof returnNs === 'string') this.#refuse(`return ${returnNs}`);
    if (returnNs < callNs) this.#refuse('returns before it is called');
    this.#add({ client: this.#clientOf(fields.client), callNs, returnNs, input: fields.input, output: fields.output });
  }

  #add(row: {
    readonly client: number;
    readonly callNs: number;
    readonly returnNs: number;
    readonly input: Json;
    readonly output: Json | undefined;
  }): void {
    const rows = this.#rows;
    const call = callOfRow(row.input, row.output, row.returnNs !== Infinity);
    if (typeof call === 'string') this.#refuse(call);
    if (call.warning !== undefined) this.#warnings.add(call.warning);
    const at = rows.addRow(rows.name(call.f), rows.values.of(call.value));
    this.#lines.push(this.#window.line);
    rows.id[at] = at;
    rows.process[at] = row.client;
    rows.callNs[at] = row.callNs;
    if (call.key !== undefined) rows.key[at] = rows.name(call.key);
    if (call.output === undefined) {
      rows.error[at] = rows.name(row.returnNs === Infinity ? 'no return' : 'unknown outcome');
      return;
    }
    rows.state[at] = OK;
    rows.returnNs[at] = row.returnNs;
    rows.output[at] = rows.values.of(call.output);
  }

  /** Rows without a client are each of a client of their own. */
  #clientOf(client: Json | undefined): number {
    this.#hasClients ??= client !== undefined;
    if (this.#hasClients !== (client !== undefined)) this.#refuse('client stands in some rows and not in others');
    if (client === undefined) return this.#rows.count;
    if (typeof client === 'number' && Number.isSafeInteger(client) && client >= 0) return client;
    return this.#refuse(`client must be a whole number from 0 on, not ${show(client)}`);
  }

  #refuseOverlap([earlier, later]: readonly [number, number]): never {
    const [first, second] = [this.#lines[earlier]!, this.#lines[later]!].sort((a, b) => a - b);
    const client = this.#rows.process[later]!;
    this.#window.refuseLine(second!, `client ${client} does two things at once: this and line ${first}`);
  }

  #refuse(reason: string): never {
    this.#window.refuse(this.#window.at, reason);
  }
}

interface Fields {
  readonly client: Json | undefined;
  readonly call: Json;
  /** Null for none. */
  readonly return: Json;
  readonly input: Json;
  readonly output: Json | undefined;
}

/** Names without capitals and underscores, and what they stand for. */
const NAMES: Readonly<Record<string, keyof Fields>> = {
  client: 'client',
  clientid: 'client',
  process: 'client',
  call: 'call',
  return: 'return',
  input: 'input',
  output: 'output',
};

function meaningOf(name: string): keyof Fields | undefined {
  const plain = name.toLowerCase().replaceAll('_', '');
  return Object.hasOwn(NAMES, plain) ? NAMES[plain] : undefined;
}

/** The fields of a row, or the reason why it is none. */
function fieldsOf(record: Readonly<Record<string, Json>>): Fields | string {
  const fields: Partial<Record<keyof Fields, Json>> = {};
  for (const [name, value] of Object.entries(record)) {
    const meaning = meaningOf(name);
    if (meaning === undefined) continue;
    if (meaning in fields) return `${meaning} stands twice`;
    fields[meaning] = value;
  }
  const { client, call, return: returned, input, output } = fields;
  if (call === undefined) return 'call is missing';
  if (input === undefined) return 'input is missing';
  return { client, call, return: returned ?? null, input, output };
}

function parse(text: string): Readonly<Record<string, Json>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, Json>>;
  } catch {
    return undefined;
  }
}

function pastSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

/** The digits of a number in a row as they are written: `JSON.parse` keeps only 53 bits of them. */
function writtenAs(row: string, field: keyof Fields): string {
  let depth = 0;
  for (let at = 0; at < row.length; at++) {
    const char = row.charAt(at);
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (char !== '"') continue;
    const end = endOfString(row, at);
    const value = /^\s*:\s*([^\s,}]+)/.exec(row.slice(end, end + 100));
    if (depth === 1 && value !== null && meaningOf(JSON.parse(row.slice(at, end)) as string) === field)
      return value[1]!;
    at = end - 1;
  }
  return '';
}
