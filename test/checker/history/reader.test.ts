/** The front door of the readers: formats are told apart by their content, and chunks of any size make the same history. */
import { expect, test } from 'vitest';
import { formats, recogniseFormat, type Format } from '../../../checker/history/format.ts';
import { historyReader, readHistory } from '../../../checker/history/reader.ts';
import { HistoryError } from '../../../checker/index.ts';

/** Beginnings of files, and what they are. */
const BEGINNINGS: readonly (readonly [format: Format, text: string])[] = [
  ['jsonl', '{"index":0,"time":1,"process":0,"type":"invoke","f":"read","value":null}\n'],
  ['jsonl', '{"value":{"call":1,"input":2},"index":0,"time":1,"process":0,"type":"invoke","f":"read"}\n'],
  ['jsonl', '{"index":0,"ti'],
  ['edn', '{:process 0, :type :invoke, :f :read, :value nil}\n'],
  ['edn', '; data\n\n[{:process 0, :type :invoke, :f :read, :value {:key 1}}]'],
  ['edn', '({:process 0, :type :invoke, :f :read, :value nil})'],
  ['edn', '#jepsen.history.Op{:process 0, :type :invoke, :f :read, :value nil}'],
  ['edn', '[#jepsen.history.Op{:process 0, :type :invoke, :f :read, :value nil}]'],
  ['edn', '[{#_ 1 :process 0, :type :invoke, :f :read}]'],
  ['kv-text', '{:process 0, :type :invoke, :f :get, :key "0", :value nil}\n'],
  ['etcd-log', 'INFO  jepsen.util - 0\t:invoke\t:read\tnil\n'],
  ['etcd-log', `${'Starting\n'.repeat(3000)}INFO  jepsen.util - 0\t:invoke\t:read\tnil\n`],
  ['rows', '{"client":0,"call":1,"return":2,"input":{"f":"read"},"output":1}\n'],
  ['rows', '[\n {"Input":{"f":"read"},"Call":1}]'],
];

test.each(BEGINNINGS)('%s is recognised in %j', (format, text) => {
  for (const mark of ['', '\uFEFF']) {
    expect(recogniseFormat(new Uint8Array(Buffer.from(mark + text)), true)).toBe(format);
    const reader = historyReader('h');
    for (const byte of Buffer.from(mark + text)) reader.push(new Uint8Array([byte]));
    const cut = format === 'jsonl' && !text.endsWith('\n');
    if (!cut) expect(reader.finish().operations).toHaveLength(1);
  }
});

test('every format is among the beginnings above', () => {
  expect(new Set(BEGINNINGS.map(([format]) => format))).toEqual(new Set(formats));
});

test('a format that is named is taken, whatever the content looks like', () => {
  const text = '{:process 0, :type :invoke, :f :get, :key "0", :value nil}\n';
  expect(readHistory(text, 'h', { format: 'edn' }).operations[0]!.input).toEqual({ f: 'get', value: null });
  expect(readHistory(text, 'h').operations[0]!.input).toEqual({ f: 'get', key: '0', value: null });
});

test('what is no text, or no history, is said to look like what it is', () => {
  const reason = (bytes: string | readonly number[]): string => {
    try {
      readHistory(new Uint8Array(Buffer.from(bytes as string)), 'h');
    } catch (error) {
      if (error instanceof HistoryError) return error.message;
      throw error;
    }
    return 'no error';
  };
  expect(reason([0x1f, 0x8b, 8, 0])).toBe('h:1: looks gzip-compressed: gunzip it first');
  expect(reason([0x28, 0xb5, 0x2f, 0xfd, 0])).toBe('h:1: looks zstd-compressed: unzstd it first');
  expect(reason([0xff, 0xfe, 0x7b, 0])).toContain('looks like UTF-16');
  expect(reason([0x7b, 0, 0x22, 0, 0x69, 0])).toContain('looks like UTF-16');
  expect(reason([0x7f, 0x45, 0x4c, 0x46, 0x65, 0x66, 0x67, 0])).toBe('h:1: looks binary, not like text');
  expect(reason('<!DOCTYPE html>')).toBe('h:1: looks like a web page, not a history');
  expect(reason('hello\nworld')).toBe(
    'h:1: no format known here begins like this: "hello" (known are jsonl, edn, etcd-log, kv-text and rows)',
  );
  expect(reason('[1, 2]')).toContain('no format known here begins like this');
  expect(reason('')).toBe('h:1: the file is empty');
  expect(reason(' \n')).toBe('h:1: the file is empty');
});

test('an empty file is a history where that is allowed', () => {
  for (const text of ['', ' \n']) {
    expect(readHistory(text, 'h', { mayBeEmpty: true, clients: 3 })).toMatchObject({ operations: [], clients: 3 });
  }
  for (const format of formats) {
    expect(readHistory('', 'h', { mayBeEmpty: true, format }).operations).toEqual([]);
    expect(() => readHistory('', 'h', { format })).toThrow(HistoryError);
  }
});
