/** The simulator as a user meets it: `stalemate sim` and `stalemate mutants`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onlyRun, resultOf, resultsFolder, stalemate, type Finished } from './program.ts';
import { drawPlan, explore } from '../../src/explore/index.ts';
import type { Plan } from '../../src/contract/index.ts';

let folder: ReturnType<typeof resultsFolder>;
beforeAll(() => {
  folder = resultsFolder();
});
afterAll(() => {
  folder.remove();
});

/** A results folder of a test's own. */
function results(name: string): string {
  return join(folder.path, name);
}

function documentOf({ stdout }: Finished): Record<string, unknown> {
  return JSON.parse(stdout) as Record<string, unknown>;
}

function planIn(run: string): Plan {
  return (JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { plan: Plan }).plan;
}

test('one run leaves what a run leaves, and is the same again from its folder, its run.json and its flags', async () => {
  const flags = ['sim', '--time', '5s', '--seed', 'once', '--faults', 'pause,kill,partition'];
  const { exitCode, stdout } = await stalemate([...flags, '--out', results('once')]);
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('✓ Linearizable') as string,
  });
  const run = onlyRun(results('once'));
  const historyOf = (path: string): string => readFileSync(join(path, 'history.jsonl'), 'utf8');
  expect(historyOf(run).split('\n').length).toBeGreaterThan(1000);
  expect(resultOf(run)).toMatchObject({ verdict: 'linearizable' });
  expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('Linearizable');
  const again = [
    ['--plan', run],
    ['--plan', join(run, 'run.json')],
  ].map((it) => ['sim', ...it]);
  for (const [nth, args] of [...again, flags].entries()) {
    const out = results(`again-${nth}`);
    expect((await stalemate([...args, '--out', out])).exitCode).toBe(0);
    expect(historyOf(onlyRun(out))).toBe(historyOf(run));
  }
});

test('a swarm comes to the same on one thread, on two, and in another process', async () => {
  const digests = [];
  for (const jobs of ['1', '2']) {
    const done = await stalemate(['sim', '--runs', '30', '--seed', 'threads', '--jobs', jobs, '--json']);
    expect(done.stderr).toMatch(/30 schedules \(\d+\/s\), \d+ operations ok .* faults effective/);
    expect(documentOf(done)).toMatchObject({ verdict: 'linearizable', exit: 0, schedules: 30 });
    digests.push(documentOf(done)['digest']);
  }
  expect(digests[1]).toBe(digests[0]);
  let ok = 0;
  await explore({
    plans: Array.from({ length: 30 }, (_, nth) => drawPlan(`threads-${nth}`)).values(),
    onOutcome: (outcome) => {
      ok += outcome.ok;
      return 'go-on';
    },
  });
  const { stdout } = await stalemate(['sim', '--runs', '30', '--seed', 'threads', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ ok, digest: digests[0] });
});

test('a swarm stops at the first violation, shrinks it, tells the story, and leaves both plans', async () => {
  const swarm = ['sim', '--runs', '400', '--seed', 'story', '--mutant', 'M38', '--nodes', '3'];
  const { exitCode, stdout } = await stalemate([...swarm, '--out', results('story')]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/seed story-\d+: /);
  expect(stdout).toMatch(/shrunk from \d+ faults? and \d+ operations to \d faults? and \d+ operations?, in \d+ plays/);
  expect(stdout).toMatch(/s {2}n\d leads in term \d/);
  expect(stdout).toMatch(/✕ Not linearizable/);
  const run = onlyRun(results('story'));
  expect(resultOf(run)).toMatchObject({ verdict: 'not-linearizable' });
  const original = JSON.parse(readFileSync(join(run, 'original-plan.json'), 'utf8')) as Plan;
  expect(planIn(run).steps.length).toBeLessThan(original.steps.length + 1);
  expect(planIn(run).calls!.flat().length).toBeLessThan(20);
  const again = await stalemate(['sim', '--plan', run, '--expect', 'violation', '--out', results('story-again')]);
  expect(again.exitCode).toBe(0);
  const correct = await stalemate(['sim', '--runs', '20', '--seed', 'story', '--nodes', '3', '--json']);
  expect(documentOf(correct)).toMatchObject({ verdict: 'linearizable', exit: 0 });
});

test('what only the simulator saw stands in result.json, and counts there as in the exit code', async () => {
  const flags = ['--nodes', '3', '--time', '6s', '--faults', 'kill,partition,power-loss', '--rate', '100/s'];
  for (const [mutant, seed, name] of [
    ['M18', 'a', 'match-verified'],
    ['M57', 'b', 'node-failure'],
  ] as const) {
    const out = results(`seen-${mutant}`);
    const { exitCode, stdout } = await stalemate(['sim', ...flags, '--mutant', mutant, '--seed', seed, '--out', out]);
    expect(exitCode).toBe(1);
    expect(stdout.match(new RegExp(`^  ${name}: `, 'gm'))).toHaveLength(1);
    const run = onlyRun(out);
    expect(resultOf(run)).toMatchObject({ exit: 1, invariants: [{ name }] });
    // From the files alone, too.
    await stalemate(['report', run]);
    expect(resultOf(run)).toMatchObject({ exit: 1, invariants: [{ name }] });
  }
});

test('the mutation score: a table, a document, and an exit code that says whether anything escaped', async () => {
  const few = ['--schedules', '60', '--hits', '1', '--seed', 'score', '--no-shrink'];
  const caught = await stalemate(['mutants', 'M38', 'M44', ...few]);
  expect(caught.exitCode).toBe(0);
  expect(caught.stdout).toMatch(/none: the correct node\s+0\/60/);
  expect(caught.stdout).toMatch(/^M38 +ack-on-append +L +1\/\d+ /m);
  expect(caught.stdout).toMatch(/0 alarms of the correct node/);
  const escaped = await stalemate(['mutants', 'M19', ...few.with(1, '1'), '--json']);
  expect(escaped.exitCode).toBe(1);
  expect(documentOf(escaped)).toMatchObject({ exit: 1, correct: { caught: 0, schedules: 1 } });
});

const PLAN = drawPlan('bad', { timeMs: 100 });

test.each([
  ['no plan', '{}', /not a plan of format 1/],
  ['no JSON', '{"format":', /JSON|plan/],
  ['another format', JSON.stringify({ ...PLAN, format: 2 }), /format 1/],
  ['no seed', JSON.stringify({ ...PLAN, seed: 7 }), /seed is not a string/],
  ['no nodes', JSON.stringify({ ...PLAN, nodes: 0 }), /nodes is not a positive number/],
  ['a mutant that there is not', JSON.stringify({ ...PLAN, mutant: 'M99' }), /no mutant "M99"/],
  ['a workload that there is not', JSON.stringify({ ...PLAN, workload: 'cas-regster' }), /did you mean cas-register/],
  ['a step of no kind', JSON.stringify({ ...PLAN, steps: [{ id: 0, kind: 'meteor' }] }), /steps\[0\] is no fault step/],
  ['a timeout upside down', JSON.stringify({ ...PLAN, electionTimeoutMs: [300, 150] }), /a least and a most/],
  ['a world of nothing', JSON.stringify({ ...PLAN, world: {} }), /world\.heartbeatMs is not/],
  ['a call of nothing', JSON.stringify({ ...PLAN, calls: [[{ atMs: 0, call: {} }]] }), /calls is no list/],
  ['calls that are none', JSON.stringify({ ...PLAN, calls: [[{ atMs: 'soon' }]] }), /calls is no list/],
])('a plan file with %s is refused in one line', async (name, text, words) => {
  const path = join(folder.path, `${name.replaceAll(' ', '-')}.json`);
  writeFileSync(path, text);
  const out = results('refused');
  const { exitCode, stdout, stderr } = await stalemate(['sim', '--plan', path, '--out', out]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 254, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(words);
});

test.each([
  ['a plan and many runs', ['sim', '--plan', 'x.json', '--runs', '5'], /--plan with --runs/],
  ['a plan that is not there', ['sim', '--plan', '/nowhere/plan.json'], /\/nowhere\/plan\.json/],
  ['no runs', ['sim', '--runs', '0'], /--runs 0/],
  ['no expectation', ['sim', '--runs', '2', '--expect', 'violated'], /--expect violated/],
  ['many runs at a rate', ['sim', '--runs', '2', '--rate', '50/s'], /--rate with --runs/],
  ['many runs with one target', ['sim', '--runs', '2', '--faults', 'kill:leader'], /--faults kill:leader with --runs/],
  ['half a thread', ['sim', '--runs', '5', '--jobs', '0.5'], /--jobs 0\.5/],
  ['an unknown mutant', ['mutants', 'M3'], /there is no mutant M3.*did you mean M/],
  ['no schedules', ['mutants', '--schedules', 'many'], /--schedules many/],
])('%s: one line, exit 254', async (_, args, words) => {
  const { exitCode, stdout, stderr } = await stalemate(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 254, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(words);
});

test('a folder that holds no run is no plan', async () => {
  mkdirSync(results('empty'));
  const { exitCode, stderr } = await stalemate(['sim', '--plan', results('empty')]);
  expect(exitCode).toBe(254);
  expect(stderr).toMatch(/run\.json/);
});
