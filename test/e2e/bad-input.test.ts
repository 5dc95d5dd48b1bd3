/** Every mistake of a user: one clear line, exit 254, nothing started, nothing left. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Plan } from '../../src/contract/index.ts';
import { resultsFolder, stalemate } from './program.ts';

let folder: ReturnType<typeof resultsFolder>;
beforeAll(() => {
  folder = resultsFolder();
});
afterAll(() => {
  folder.remove();
});

const INVOKE = '{"index":0,"time":10,"process":0,"type":"invoke","f":"write","key":"x","value":1,"node":"n1"}';
const FILES: Readonly<Record<string, string>> = {
  empty: '',
  malformed: `${INVOKE}\n{"index":1,"time":\n{"index":2,"time":30,"process":0,"type":"ok","f":"write","key":"x","value":1}\n`,
  orphan: '{"index":0,"time":10,"process":3,"type":"ok","f":"write","key":"x","value":1}\n',
  overlap: `${INVOKE}\n{"index":1,"time":20,"process":0,"type":"invoke","f":"read","key":"x","value":null,"node":"n1"}\n`,
};

test.each([
  ['a word for a switch', ['notes', '--quick=maybe'], /--quick=maybe: --quick is a switch \(write --quick/],
  ['an unknown flag, with a suggestion', ['run', '--tme', '5s'], /--tme.*did you mean --time\?/],
  ['an unknown command, with a suggestion', ['chekc'], /chekc.*did you mean check\?/],
  ['no command', [], /no command/],
  [
    'an unknown workload, with a suggestion',
    ['run', '--workload', 'cas-regster'],
    /cas-regster.*did you mean cas-register\?/,
  ],
  ['an unknown fault', ['run', '--faults', 'meteor'], /meteor.*pause/],
  ['an unknown fault target', ['run', '--faults', 'pause:ledaer'], /did you mean leader\?/],
  ['an unknown read mode', ['run', '--reads', 'readindex'], /readindex.*read-index/],
  ['an unknown mutant', ['run', '--mutant', 'M99'], /M99/],
  ['an unknown expectation', ['run', '--expect', 'yes'], /yes.*violation/],
  ['no nodes', ['run', '--nodes', '0'], /--nodes 0/],
  ['half a node', ['run', '--nodes', '2.5'], /--nodes 2\.5/],
  ['a time without a unit', ['run', '--time', '5'], /--time 5.*500ms/],
  ['no clients', ['run', '--clients', '0'], /--clients 0/],
  ['a flag without a value', ['run', '--seed'], /seed/],
  ['a flag with a default without a value', ['run', '--time', '--faults', 'none'], /--time needs a value/],
  ['a flag given twice', ['run', '--seed', 'a', '--seed', 'b'], /--seed.*2 times/],
  ['a stray word', ['run', 'fast'], /fast/],
  ['no file to check', ['check'], /FILE|file/],
  ['a missing file', ['check', '/nowhere/history.jsonl'], /\/nowhere\/history\.jsonl/],
  ['a results folder that is none', ['list', '--out', '/etc/passwd'], /\/etc\/passwd/],
  ['a missing run', ['report', '/nowhere/run'], /\/nowhere\/run/],
])('%s', async (_, args, line) => {
  expect(await complaint(args)).toMatch(line);
});

test.each([
  ['an empty file', 'empty', /empty/],
  ['a malformed line', 'malformed', /malformed\.jsonl:2: /],
  ['a completion without invocation', 'orphan', /orphan\.jsonl:1: /],
  ['one process with two open operations', 'overlap', /overlap\.jsonl:2: /],
])('%s', async (_, name, line) => {
  const file = join(folder.path, `${name}.jsonl`);
  writeFileSync(file, FILES[name]!);
  expect(await complaint(['check', file])).toMatch(line);
});

test('an output folder that cannot be written', async () => {
  const file = join(folder.path, 'a-file');
  writeFileSync(file, '');
  expect(await complaint(['run', '--out', file, '--time', '2s', '--faults', 'none'])).toMatch(/a-file/);
  const locked = join(folder.path, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  if (process.getuid?.() !== 0)
    expect(await complaint(['run', '--out', locked, '--time', '2s', '--faults', 'none'])).toMatch(/locked/);
});

test('an empty standard input', async () => {
  expect(await complaint(['check', '-'])).toMatch(/standard input:1: the file is empty/);
});

test('an output folder whose `latest` is a folder', async () => {
  mkdirSync(join(folder.path, 'copied', 'latest'), { recursive: true });
  const args = ['run', '--out', join(folder.path, 'copied'), '--time', '2s', '--faults', 'none'];
  expect(await complaint(args)).toMatch(/copied\/latest/);
});

test.runIf(process.platform === 'linux')('an output folder in a place that holds no folders', async () => {
  expect(await complaint(['run', '--out', '/proc/x', '--time', '2s', '--faults', 'none'])).toMatch(/\/proc\/x.*ENOENT/);
});

const PLAN = JSON.parse(readFileSync(new URL('../accept/plans/M30.json', import.meta.url), 'utf8')) as Plan;
const STEP = PLAN.steps[0]!;

test.each<[string, unknown, readonly string[], RegExp]>([
  ['a plan that is none', [], [], /plan\.json: not a plan/],
  ['a plan of an unknown format', { ...PLAN, format: 2 }, [], /format 1/],
  ['a plan for too many nodes', { ...PLAN, nodes: 40 }, [], /nodes is more than 9/],
  ['a plan with unknown reads', { ...PLAN, reads: 'fast' }, [], /no reads "fast"/],
  [
    'a plan with a step that is none',
    { ...PLAN, steps: [STEP, { kind: 'meteor' }] },
    [],
    /steps\[1\] is no fault step/,
  ],
  [
    'a plan that waits for what is no event',
    { ...PLAN, steps: [{ ...STEP, when: { kind: 'noon' } }] },
    [],
    /steps\[0\] waits for \{"kind":"noon"\}/,
  ],
  [
    'a plan that waits for a step that is not there',
    { ...PLAN, steps: [{ ...STEP, until: { kind: 'fault', id: 7, event: 'heal' } }] },
    [],
    /waits for a step that is not there/,
  ],
  [
    'a plan that waits for what only the simulator tells',
    { ...PLAN, steps: [{ ...STEP, when: { kind: 'commit', index: 5 } }] },
    [],
    /steps\[0\] waits for commit 5.*stalemate sim/,
  ],
  ['a plan and a flag that say the same', PLAN, ['--nodes', '5'], /--plan with --nodes/],
  ['a plan and an unknown mutant', PLAN, ['--mutant', 'M99'], /--mutant M99/],
])('%s', async (_, plan, flags, line) => {
  const file = join(folder.path, 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  expect(await complaint(['run', '--plan', file, ...flags])).toMatch(line);
});

test('no plan at all', async () => {
  expect(await complaint(['run', '--plan', '/nowhere/plan.json'])).toMatch(/\/nowhere\/plan\.json.*ENOENT/);
});

/** The one line that the program said. */
async function complaint(args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await stalemate(args);
  expect({ exitCode, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
    exitCode: 254,
    stdout: '',
    lines: 1,
  });
  return stderr;
}
