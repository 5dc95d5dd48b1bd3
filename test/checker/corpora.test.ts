/** Reads every history of the corpora: it is recognised, holds as many operations as it should, and chunks do not matter. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { historyReader, readHistory } from '../../checker/history/reader.ts';
import { tableOf } from '../../checker/history/table.ts';

const CORPORA = new URL('../../../shared/corpora/', import.meta.url);
const isThere = existsSync(CORPORA);

interface Row {
  readonly file: string;
  readonly ops?: number;
}

const rows = isThere ? ['porcupine', 'knossos'].flatMap(rowsOf) : [];

function rowsOf(folder: string): Row[] {
  const lines = readFileSync(new URL(`${folder}/expected.jsonl`, CORPORA), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Row).map((row) => ({ ...row, file: `${folder}/${row.file}` }));
}

test.skipIf(isThere)('skipped: the corpora of Porcupine and Knossos are not at ../shared/corpora', () => {
  expect(rows).toEqual([]);
});

test.runIf(isThere)('the corpora are there, with counts of operations', () => {
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter(({ ops }) => ops !== undefined).length).toBeGreaterThan(50);
});

test.each(rows)('$file is read', ({ file, ops }) => {
  const bytes = new Uint8Array(readFileSync(new URL(file, CORPORA)));
  const history = readHistory(bytes, file);
  if (ops !== undefined) expect(history.operations.length + history.failed.length).toBe(ops);
  const reader = historyReader(file);
  for (let at = 0; at < bytes.length; at += 7) reader.push(bytes.subarray(at, at + 7));
  expect(JSON.stringify(reader.finish())).toBe(JSON.stringify(history));
});

test.runIf(isThere)('in the order of the file each call and each return has its line', () => {
  const { table, forms } = read('knossos/cas-register/bad/mongodb-v0-ack-rollback-6.edn');
  const events = new Map<number, string>();
  for (let row = 0; row < table.count; row++) {
    events.set(table.id[row]!, `{:process ${table.process[row]}, :type :invoke,`);
    if (!Number.isNaN(table.completionId![row]!))
      events.set(table.completionId![row]!, `{:process ${table.process[row]}, :type :`);
  }
  expect(events.size).toBeGreaterThan(1000);
  for (const [position, event] of events) expect(forms[position]).toContain(event);
});

function read(file: string): { table: ReturnType<typeof tableOf>; forms: readonly string[] } {
  const text = readFileSync(new URL(file, CORPORA), 'utf8');
  return { table: tableOf(readHistory(text, file)), forms: text.replace(/^;.*$/gm, '').match(/\{[^}]*\}/g)! };
}
