/** The corpus beside this file: every history gets its verdict, class, sentence and shortest history. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { casRegister, check, readJsonl, writeJsonl, type MinimalOperation } from '../../checker/index.ts';

const folder = new URL('./histories/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl'));
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, unknown>;

const judge = (file: string): ReturnType<typeof check> =>
  check(readJsonl(readFileSync(new URL(file, folder), 'utf8'), file, { clients: 10 }), casRegister);

test('the corpus is there, and every bad history has its expected anomalies', () => {
  const bad = files.filter((file) => file.startsWith('bad-'));
  expect(bad.length).toBeGreaterThan(10);
  expect(Object.keys(expected).sort()).toEqual(bad.sort());
});

test.each(files.filter((file) => file.startsWith('good-')))('%s has an order', (file) => {
  expect(judge(file)).toMatchObject({ kind: 'ok', anomalies: [] });
});

test.each(files.filter((file) => file.startsWith('bad-')))('%s is told as expected', (file) => {
  const { kind, anomalies } = judge(file);
  expect(kind).toBe('violation');
  const told = anomalies.map(({ class: name, sentence, minimal }) => ({
    class: name,
    sentence,
    minimal: minimal.map(inWords),
  }));
  expect(told).toEqual(expected[file]);
});

test.each(files.filter((file) => file.startsWith('bad-')))(
  'the minimal history of %s, written and read again, is bad too',
  (file) => {
    for (const { minimal } of judge(file).anomalies) {
      const again = readJsonl(writeJsonl(minimal), 'minimal.jsonl');
      expect(again.operations).toHaveLength(minimal.length);
      expect(check(again, casRegister).kind).toBe('violation');
    }
  },
);

function inWords({ operation, as, pinned }: MinimalOperation): string {
  const output = operation.outcome.kind === 'ok' ? operation.outcome.output : null;
  return `${pinned ? 'pinned ' : ''}${casRegister.describe?.(as ?? operation.input, output)}`;
}
