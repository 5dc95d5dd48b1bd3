/** Histories that others recorded, written as Jepsen does and read again: the verdict is the same, unless an observation was lost. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { check, modelNamed, readHistory, writeEdn, type Json } from '../../../checker/index.ts';

const CORPORA = new URL('../../../../shared/corpora/', import.meta.url);
const isThere = existsSync(CORPORA);
const MODELS: Readonly<Record<string, string>> = { 'kv-append': 'kv', mutex: 'lock' };
const BUDGET = { maxSteps: 5_000_000, maxBytes: 1 << 28 };

interface Row {
  readonly file: string;
  readonly model: string;
  readonly initial?: Json;
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

test.runIf(isThere)('every recorded history keeps its verdict, or says what was lost', () => {
  const counts = { same: 0, lost: 0 };
  for (const { file, model, initial } of rows) {
    const history = readHistory(new Uint8Array(readFileSync(new URL(file, CORPORA))), file);
    const written = writeEdn(history, { name: file });
    const again = readHistory([...written.pieces].join(''), `${file} as EDN`, { format: 'edn', mayBeEmpty: true });
    const kindOf = (it: typeof history, first: Json | undefined): string => {
      const options = first === undefined ? {} : { initial: first };
      return check(it, modelNamed(MODELS[model] ?? model, options)!, BUDGET).kind;
    };
    const [before, after] = [kindOf(history, initial), kindOf(again, initial ?? written.initial)];
    if (written.lost > 0 && before === 'violation' && after === 'ok') counts.lost++;
    else expect({ file, kind: after, lost: written.lost }).toEqual({ file, kind: before, lost: written.lost });
    counts.same += Number(before === after);
  }
  expect(counts.same).toBeGreaterThan(100);
  expect(counts.lost).toBeLessThan(20);
});
