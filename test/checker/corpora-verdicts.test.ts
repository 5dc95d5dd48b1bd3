/**
 * The verdicts on histories that others recorded: every file of the corpora beside the checkout gets its expected one, and each
 * bad one is explained. Where the corpora are absent the test says that it was skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { check, type History, type Json, type Operation, type Verdict } from '../../checker/index.ts';
import { readHistory } from '../../checker/history/reader.ts';
import { tableOf } from '../../checker/history/table.ts';
import { modelNamed } from '../../checker/model/named.ts';
import { faultOfMinimal } from './agreement.ts';
import { hasOrderBySets } from './model/oracle-model.ts';
import { plainNames, type PlainName } from './model/plain-objects.ts';

const CORPORA = new URL('../../../shared/corpora/', import.meta.url);
const isThere = existsSync(CORPORA);
/** What a model is called there, where it is not called the same. */
const MODELS: Readonly<Record<string, string>> = { 'kv-append': 'kv', mutex: 'lock' };
/** The first completion that fits nowhere, by its place in the file: knossos/README.md. */
const MISPLACED: Readonly<Record<string, number>> = {
  'knossos/cas-register/bad/bad-analysis.edn': 14,
  'knossos/cas-register/bad/cas-failure.edn': 491,
  'knossos/cas-register/bad/rethink-fail-minimal.edn': 4,
  'knossos/cas-register/bad/mongodb-v0-ack-rollback-6.edn': 811,
  'knossos/mutex/bad/etcd.edn': 1119,
};

interface Row {
  readonly file: string;
  readonly model: string;
  readonly initial?: Json;
  readonly expected: string;
}

const rows = isThere ? ['porcupine', 'knossos'].flatMap(rowsOf) : [];
const bad = rows.filter(({ expected }) => expected === 'Illegal');

test.skipIf(isThere)('skipped: the corpora of Porcupine and Knossos are not at ../shared/corpora', () => {
  expect(rows).toEqual([]);
});

test.runIf(isThere)('the corpora are there, with good and bad histories of both', () => {
  expect(rows.length).toBeGreaterThan(100);
  expect(bad.length).toBeGreaterThan(50);
  expect(rows.filter(({ file }) => file in MISPLACED)).toHaveLength(Object.keys(MISPLACED).length);
});

test.each(rows)('$file is $expected', (row) => {
  expect(judge(row).verdict.kind).toBe(row.expected === 'Ok' ? 'ok' : 'violation');
});

test.each(bad)('$file is explained', (row) => {
  const { verdict, history } = judge(row);
  const { anomalies, parts } = verdict;
  expect(anomalies.length).toBeGreaterThan(0);
  for (const { sentence } of anomalies) expect(sentence).toMatch(/^[A-Z].*\.$/);
  const part = parts.find(({ kind }) => kind === 'violation');
  if (part?.kind !== 'violation') throw new Error('no part is one');
  const { counterexample } = part;
  expect(counterexample.states.length).toBeGreaterThan(0);
  for (const { reason } of counterexample.states) expect(reason).not.toBe('');
  const misplaced = MISPLACED[row.file];
  if (misplaced !== undefined) expect(completionOf(history, counterexample.culprit)).toBe(misplaced);
});

test.each(bad)(
  'the minimal histories of $file have no order, and one without any operation that is not pinned',
  (row) => {
    const oracle = (operations: readonly Operation[]): boolean =>
      hasOrderBySets(plainNameOf(row), operations, initialOf(row));
    for (const { minimal } of judge(row).verdict.anomalies) expect(faultOfMinimal(minimal, oracle)).toBeUndefined();
  },
);

interface Judged {
  readonly history: History;
  readonly verdict: Verdict;
}

const judged = new Map<string, Judged>();

function judge(row: Row): Judged {
  const known = judged.get(row.file);
  if (known !== undefined) return known;
  const initial = initialOf(row);
  const model = modelNamed(row.model, initial === undefined ? {} : { initial });
  if (model === undefined) throw new Error(`no model is named ${row.model}`);
  const history = readHistory(readFileSync(new URL(row.file, CORPORA)), row.file);
  const fresh = { history, verdict: check(history, model) };
  judged.set(row.file, fresh);
  return fresh;
}

function rowsOf(folder: string): Row[] {
  return readFileSync(new URL(`${folder}/expected.jsonl`, CORPORA), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
    .map((row) => ({ ...row, file: `${folder}/${row.file}`, model: MODELS[row.model] ?? row.model }));
}

/** A multi-register is given the value of each register there; they are all the same, and here it is that value. */
function initialOf({ initial }: Row): Json | undefined {
  if (typeof initial !== 'object' || initial === null || Array.isArray(initial)) return initial;
  const values = [...new Set(Object.values(initial))];
  expect(values).toHaveLength(1);
  return values[0];
}

function plainNameOf({ model }: Row): PlainName {
  const known = plainNames.find((name) => name === model);
  if (known === undefined) throw new Error(`the oracle has no ${model}`);
  return known;
}

/** Where the operation's completion stands in the file. */
function completionOf(history: History, { id }: Operation): number | undefined {
  const table = tableOf(history);
  return table.completionId?.[table.id.subarray(0, table.count).indexOf(id)];
}
