/**
 * The byte-level scanner against the tolerant way: both take the same lines, give the same operations and refuse with the
 * same words, in pieces of any size. A space before a line makes the scanner leave it to the tolerant way.
 */
import { expect, test } from 'vitest';
import { HistoryError } from '../../../checker/index.ts';
import { EventBatch } from '../../../checker/history/event-batch.ts';
import { LineScanner, PADDING } from '../../../checker/history/jsonl-scan.ts';
import { JsonlReader, readJsonl } from '../../../checker/history/jsonl.ts';
import { Rows, tableOf } from '../../../checker/history/table.ts';
import { keyed, type Random } from '../../../src/base/random.ts';
import { joined, randomLines } from './lines.ts';

const CASES = Number(process.env['SCAN_CASES'] ?? 3000);
const FIRST = Number(process.env['SCAN_FIRST'] ?? 0);

test('the scanner itself reads every line that the recorder writes', () => {
  for (let seed = 0; seed < 50; seed++) {
    const lines = randomLines(keyed('recorded', seed), 40);
    const bytes = joined([...lines, new Uint8Array(PADDING)]);
    const scanner = new LineScanner(new Rows(), new EventBatch(lines.length));
    const end = scanner.scan(bytes, new DataView(bytes.buffer), 0, bytes.length - PADDING);
    expect({ seed, end, lines: scanner.line }).toEqual({ seed, end: bytes.length - PADDING, lines: lines.length });
  }
});

test('whatever a line is made into, the scanner takes or leaves it as the tolerant way does', () => {
  const counts = { taken: 0, refused: 0 };
  for (let seed = FIRST; seed < FIRST + CASES; seed++) {
    const random = keyed('scan', seed);
    const lines = mutated(random, randomLines(random, 2 + random.int(12))).join('');
    const fast = outcome(lines, random);
    const tolerant = outcome(indented(lines), random);
    counts[typeof fast === 'string' ? 'refused' : 'taken']++;
    const replay = `SCAN_FIRST=${seed} SCAN_CASES=1 npx vitest run --config test/vitest.config.ts test/checker/history/jsonl-scan.test.ts`;
    expect(fast, replay).toEqual(tolerant);
  }
  if (CASES < 1000) return;
  expect(counts.taken).toBeGreaterThan(CASES / 10);
  expect(counts.refused).toBeGreaterThan(CASES / 10);
});

test('each of the odd values, in the place of each value, is taken or left by both', () => {
  const whole =
    '{"index":1,"time":1,"process":1,"type":"fail","f":"f","key":"k","value":1,"error":"e","node":"n","term":1,"applied":1}\n';
  const ask = '{"index":0,"time":0,"process":1,"type":"invoke","f":"f","key":"k","value":1}\n';
  const places = [...whole.matchAll(/(?<=":)[^,}]+/g)];
  expect(places).toHaveLength(11);
  for (const { index, 0: old } of places) {
    for (const value of [...VALUES, ...NUMBERS]) {
      const lines = ask + spliced(whole, index, old.length, value);
      const random = keyed('odd', index, value);
      expect([lines, outcome(lines, random)]).toEqual([lines, outcome(indented(lines), random)]);
    }
  }
});

test('strings of one length and one hash are told apart', () => {
  // The hash is the sum of the bytes times powers of 31.
  const strings = ['Aa', 'BB', 'AaAa', 'AaBB', 'BBAa', 'BBBB'];
  const lines = strings.map(
    (it, i) => `{"index":${i},"time":0,"process":${i},"type":"invoke","f":"f","key":"${it}","value":"${it}"}\n`,
  );
  const { operations } = readJsonl(lines.join(''), 'h');
  expect(operations.map(({ input }) => [input.key, input.value])).toEqual(strings.map((it) => [it, it]));
});

/** Everything that was read, or why it was not. */
function outcome(lines: string, random: Random): object | string {
  const bytes = Uint8Array.from(lines, (char) => char.charCodeAt(0));
  const reader = new JsonlReader('h');
  try {
    for (let at = 0; at < bytes.length;) {
      const length = 1 + random.int(random.pick([3, 50, 2000]));
      reader.push(bytes.subarray(at, at + length));
      at += length;
    }
    const history = reader.finish();
    const { call, ret, count } = tableOf(history);
    const { operations, failed, warnings } = history;
    return { operations, failed, warnings, call: call.slice(0, count), ret: ret.slice(0, count) };
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return error.message;
  }
}

/** What stands in place of a piece of a line: most of it is what one of two readers could take and the other not. */
const NUMBERS =
  '0 -0 00 01 -1 1.0 1e3 1E3 .5 1. 0x1 9007199254740991 9007199254740992 90071992547409910 12345678'.split(' ');
const VALUES = [
  ...NUMBERS,
  ...'null true false falsy tru nul nulll "" "a" "a\\u0062" "é" "\\n" "\t" "a"b [1,2] [1,2,3] [] [1] [null,"a"] [[1,2],3]'.split(
    ' ',
  ),
  ...'[1,2 [1,2} [1,2x [01,2] [1, 2] {} {"a":1} {"a":1,"a":2} -9007199254740991 -9007199254740992 1234567890123 "12345678901234567890"'.split(
    ' ',
  ),
  ...'NaN Infinity undefined 0.1 1e400 "\\ud800" "\\"" "\\\\" 123456789 1234567890 99999999999999999999'.split(' '),
];
const BYTES = [0x00, 0x20, 0x22, 0x2c, 0x30, 0x31, 0x5c, 0x7d, 0x7f, 0x80, 0xc3, 0xff, 0x0a, 0x0d, 0x2d, 0x2e, 0x65];

type Edit = (random: Random, line: string) => string;

/** Lines are Latin-1 here, so that any byte can stand in them. */
const EDITS: readonly Edit[] = [
  (random, line) => line.replace(/"value":[^"].*?(?=,"[a-z]|\})/, `"value":${random.pick(VALUES)}`),
  (random, line) => line.replace(/"(index|time|process|term|applied)":\d+/, `"$1":${random.pick(NUMBERS)}`),
  (random, line) => line.replace(/"(term|applied)":\d+/, `"$1":${random.pick(NUMBERS)}`),
  (random, line) => line.replace(/"(f|key|node|error|type)":"[^"]*"/, `"$1":${random.pick(VALUES)}`),
  (_random, line) => line.replace(/,("key":"[^"]*")(.*)\}/, ',$1$2,$1}'),
  (_random, line) => line.replace(/("value":.*?)(,"node":"[^"]*")(.*)\}/, '$2,$1$3}').replace('{,', '{'),
  (_random, line) => line.replace(/\}(\r?\n)?$/, ',"extra":{"deep":[1e999,1]}}\n'),
  (_random, line) => line.replace(/\n$/, '\r\n'),
  (_random, line) => line.replace(/\n$/, ' \n'),
  (_random, line) => line.replace(/,"[a-z]+":[^,]*/, ''),
  (random, line) => spliced(line, random.int(line.length), 1, ''),
  (random, line) => spliced(line, random.int(line.length), 1, String.fromCharCode(random.pick(BYTES))),
  (random, line) => spliced(line, random.int(line.length), 0, String.fromCharCode(random.pick(BYTES))),
  (random, line) => line.slice(0, random.int(line.length)),
  (_random, line) => line + line,
  (_random, line) => line.replace(/,"error":"[^"]*"/, ''),
  (random, line) => line.replace(/"type":"(\w+)"/, `"type":"$1${random.pick(['', 'x', '\\'])}`),
];

function mutated(random: Random, lines: readonly Uint8Array[]): readonly string[] {
  const edited = lines.map((line) => String.fromCharCode(...line));
  for (let edits = random.int(4); edits > 0; edits--) {
    const at = random.int(edited.length);
    if (edited[at] !== '') edited[at] = random.pick(EDITS)(random, edited[at]!);
  }
  return edited;
}

/** A space before every line that is not empty. */
function indented(lines: string): string {
  return lines
    .split('\n')
    .map((line) => (line === '' ? '' : ` ${line}`))
    .join('\n');
}

function spliced(line: string, at: number, length: number, inserted: string): string {
  return line.slice(0, at) + inserted + line.slice(at + length);
}
