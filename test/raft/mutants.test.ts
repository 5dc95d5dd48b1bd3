/** No mutant without a test that names it, and every rule decided at one place. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ALL_RULES, MUTANTS } from '../../src/raft/rules.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** TypeScript files below a folder, this one aside, by path. */
function filesOf(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' });
  const paths = names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
  return new Map(
    paths
      .filter((path) => path !== 'test/raft/mutants.test.ts')
      .map((path) => [path, readFileSync(`${ROOT}${path}`, 'utf8')]),
  );
}

/** Only what vitest runs, or what it runs would not notice a mutant that is gone. */
const TESTS = [...filesOf('test')].flatMap(([path, text]) => (path.endsWith('.test.ts') ? [text] : []));

test.each(Object.entries(MUTANTS))('%s is named by a test', (id) => {
  expect(TESTS.length).toBeGreaterThan(50);
  expect(TESTS.some((text) => new RegExp(`'${id}\\b`).test(text))).toBe(true);
});

/** Where a rule is read: by a dot, or taken out of `rules`; types and destructured names that are only handed on aside. */
function readsOf(rule: string): readonly string[] {
  return [...filesOf('src')].flatMap(([path, text]) => {
    if (path === 'src/raft/rules.ts') return [];
    const reads = text.matchAll(new RegExp(`\\.${rule}\\b|\\{[^{}'\n]*\\b${rule}\\b[^{}'\n]*\\}: Pick`, 'g'));
    return [...reads].map(() => path);
  });
}

test.each(Object.keys(ALL_RULES))('%s is read at exactly one place', (rule) => {
  expect(readsOf(rule)).toHaveLength(1);
});

test('every rule belongs to one mutant', () => {
  expect(
    Object.values(MUTANTS)
      .map(({ breaks }) => breaks)
      .toSorted(),
  ).toEqual(Object.keys(ALL_RULES).toSorted());
});
