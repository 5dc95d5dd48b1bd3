/** `--system ./my-system.ts`: a system that one file describes, started, hurt and judged; and files that describe none. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { onlyRun, processesNaming, resultOf, stalemate } from './program.ts';

const SYSTEM = 'test/programs/lagging-register-system.ts';
let folder: string;
const results = (): string => join(folder, 'results');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-own-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the worked example keeps its promise under kills and pauses where its primary is asked', async () => {
  const faults = ['--faults', 'kill:leader,pause:follower', '--time', '6s', '--rate', '300', '--seed', 'own'];
  const { exitCode, stdout, stderr } = await stalemate(['run', '--system', SYSTEM, ...faults, '--out', results()]);
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
  const run = onlyRun(results());
  expect(run).toMatch(/Z-lagging-register-system-cas-register-/);
  expect(resultOf(run)).toMatchObject({
    verdict: 'linearizable',
    promise: 'linearizable',
    system: { name: SYSTEM, version: '1.0', nodes: 3 },
    command: expect.stringContaining(`--system ${SYSTEM} `) as string,
  });
  expect(readFileSync(join(run, 'nodes/n1/output.log'), 'utf8')).toMatch(/n1 serves/);
  expect(processesNaming('lagging-register.mjs')).toEqual([]);
});

test('and is caught where a replica is asked, with what it promised beside it', async () => {
  const asked = ['--reads', 'any', '--faults', 'none', '--time', '3s', '--expect', 'violation'];
  const { exitCode } = await stalemate(['run', '--system', SYSTEM, ...asked, '--out', results()]);
  expect(exitCode).toBe(0);
  const { verdict, promise, anomalies } = resultOf(onlyRun(results()));
  expect({ verdict, promise }).toEqual({
    verdict: 'not-linearizable',
    promise: 'may be stale: a replica answers from what it was told',
  });
  expect(anomalies[0]!.sentence).toMatch(/from n[23] at/);
});

const READS = `reads: { promises: { all: 'linearizable' }, strongest: 'all', nodeLocal: [] }`;

test.each([
  ['nothing.mjs', 'export const other = 1;', /it exports no system \(export const system = \{ … \}\)/],
  ['name.mjs', 'export const system = {};', /system\.name is no text/],
  ['session.mjs', `export const system = { name: 'a', ${READS} };`, /system\.session is no function/],
  ['reads.mjs', `export const system = { name: 'a', session() {} };`, /system\.reads\.promises is no object/],
  [
    'strongest.mjs',
    `export const system = { name: 'a', session() {}, reads: { promises: { all: 'x' }, strongest: 'b', nodeLocal: [] } };`,
    /system\.reads\.strongest is none of all/,
  ],
  ['processes.mjs', `export const system = { name: 'a', session() {}, ${READS} };`, /system\.processes is missing/],
  [
    'ports.mjs',
    `export const system = { name: 'a', session() {}, processes() {}, ports: { client: 1 }, ${READS} };`,
    /system\.ports is no object of 'clients' and 'peers'/,
  ],
  ['throws.mjs', `throw new Error('no database here');`, /Error: no database here \(it does not load\)/],
  ['syntax.mjs', 'export const system = {', /SyntaxError: .* \(it does not load\)/],
  ['syntax.ts', 'export const system: = {', /syntax\.ts:1:\d+: ERROR: .* \(it does not load\)/],
  ['imports.mjs', `import 'no-such-package';`, /Cannot find package 'no-such-package'/],
])('%s: one line that says what is wrong with it', async (name, source, words) => {
  const path = join(folder, name);
  writeFileSync(path, source);
  const { exitCode, stderr } = await stalemate(['run', '--system', path, '--out', results()]);
  expect(stderr).toMatch(words);
  expect({ exitCode, lines: stderr.trim().split('\n').length }).toEqual({ exitCode: 254, lines: 1 });
  expect(stderr).toContain(`--system ${path}: `);
  expect(readdirSync(folder)).toEqual([name]);
});

test('a file that is not there is no typo of a name', async () => {
  const { exitCode, stderr } = await stalemate(['run', '--system', './etcd.ts']);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 254,
    stderr: 'stalemate: --system ./etcd.ts: there is no such file (paths count from this folder)',
  });
});
