/** What the README shows is what the tool takes: its campaign is one, its files for CI servers are YAML that runs it, its commands exist. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { cellsOf, readDocument, runsOf } from '../src/campaign/index.ts';
import { planOf } from '../src/cli/plan-flags.ts';
import { CAPABILITIES } from '../src/cluster/process-cluster.ts';
import { isLinearizable } from '../src/run/index.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!);
const [campaign, github, gitlab] = blocks('yaml').map((text) => parse(text) as Record<string, unknown>);

test('the campaign: every cell of it is a plan, and what it says of expectations is so', () => {
  const document = readDocument(campaign, 'README.md');
  const cells = cellsOf(document, (reads) => isLinearizable(reads));
  expect(cells).toHaveLength(24);
  for (const { flags } of runsOf(document, cells)) expect(() => planOf(flags, { can: CAPABILITIES })).not.toThrow();
  const expected = (system: string, reads: string): readonly string[] =>
    cells.filter((cell) => cell.system === system && cell.reads === reads).map(({ expectation }) => expectation);
  expect(expected('raft', 'local')).toEqual(['may', 'may', 'may']);
  expect(expected('raft', 'log')).toEqual(['never', 'never', 'never']);
  expect(expected('raft M30', 'read-index')).toEqual(['may', 'must', 'may']);
});

test('the workflows run it and keep what it leaves, also where it fails', () => {
  const job = (github as { jobs: Record<string, { steps: readonly Record<string, unknown>[] }> }).jobs[
    'linearizability'
  ]!;
  expect(job.steps.map((step) => step['run']).filter(Boolean)).toEqual([
    'npm ci',
    'npx stalemate campaign nightly.yaml',
  ]);
  expect(job.steps.at(-1)).toMatchObject({ if: 'always()', with: { path: 'results' } });
  expect(gitlab!['linearizability']).toMatchObject({
    script: ['npm ci', 'npx stalemate campaign nightly.yaml'],
    artifacts: { when: 'always', reports: { junit: 'results/*/junit.xml' } },
  });
});

test('every command that it names is one', async () => {
  const main = readFileSync(new URL('../src/cli/main.ts', import.meta.url), 'utf8');
  const named = new Set([...README.matchAll(/(?:npx )?stalemate ([a-z]+)/g)].map(([, name]) => name!));
  const known = [...main.matchAll(/^ {2}([a-z]+): async \(\) =>/gm)].map(([, name]) => name!);
  expect(named.size).toBeGreaterThan(6);
  expect([...named].filter((name) => !known.includes(name))).toEqual([]);
});
