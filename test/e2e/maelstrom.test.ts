/** `run --system-cmd`: nodes that know only Maelstrom's lin-kv protocol, as real processes under faults. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planOf } from '../../src/cli/plan-flags.ts';
import type { FaultLine, HistoryLine } from '../../src/contract/index.ts';
import { maelstromSystem } from '../../src/maelstrom/index.ts';
import { onlyRun, processesNaming, resultOf, stalemate, type Finished } from './program.ts';

const PRIMARY = `${process.execPath} test/programs/maelstrom-primary.mjs`;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-maelstrom-'));
});
const results = (): string => join(folder, 'results');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, ...args: readonly string[]): Promise<Finished> {
  return stalemate(['run', '--system-cmd', command, '--out', results(), '--seed', 'maelstrom', ...args]);
}

function faultsOf(path: string): readonly FaultLine[] {
  const lines = readFileSync(join(path, 'faults.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as FaultLine);
}

/** A node that is so many lines of JavaScript; `say(body)` answers `request`. */
function nodeOf(source: string): string {
  const path = join(folder, 'node.mjs');
  writeFileSync(
    path,
    `import { createInterface } from 'node:readline';
    let self;
    createInterface({ input: process.stdin }).on('line', (line) => {
      const { src, body: request } = JSON.parse(line);
      const say = (body) =>
        console.log(JSON.stringify({ src: self, dest: src, body: { in_reply_to: request.msg_id, ...body } }));
      if (request.type === 'init') {
        self = request.node_id;
        return say({ type: 'init_ok' });
      }
      ${source}
    });`,
  );
  return `${process.execPath} ${path}`;
}

test('one that asks its primary for everything is linearizable under pauses, cuts, late and double messages', async () => {
  const faults = 'pause,partition,partition:one-way,slow-link,duplicate,reconnect';
  const { exitCode, stdout, stderr } = await run(PRIMARY, '--time', '9s', '--faults', faults);
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
  const path = onlyRun(results());
  const result = resultOf(path);
  expect(result).toMatchObject({ verdict: 'linearizable', system: { name: 'maelstrom', nodes: 3 } });
  expect(
    result.faults
      .filter(({ effective }) => effective > 0)
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(['duplicate', 'partition', 'pause', 'reconnect', 'slow-link']);
  expect(result.ops.okDuringFaults).toBeGreaterThan(100);
  expect(result.command).toContain(`--system maelstrom --system-cmd '${PRIMARY}'`);
  expect(readFileSync(join(path, 'nodes/n2/output.log'), 'utf8')).toContain('n2 is one of n1 n2 n3');
  expect(processesNaming('maelstrom-primary.mjs')).toEqual([]);
});

test.each(['partition', 'slow-link'])('one that reads from copies is caught as stale by %s', async (faults) => {
  const { exitCode } = await run(`${PRIMARY} --local-reads`, '--time', '4s', '--faults', faults);
  expect(exitCode).toBe(1);
  const { anomalies, verdict } = resultOf(onlyRun(results()));
  expect(verdict).toBe('not-linearizable');
  expect(anomalies[0]).toMatchObject({
    class: 'stale-read',
    sentence: expect.stringMatching(/from n[23] at/) as string,
  });
});

test('a killed node starts again, is asked to init again, and its loss is found out', async () => {
  const { exitCode, stderr } = await run(PRIMARY, '--time', '6s', '--faults', 'kill', '--nodes', '1', '--rate', '200');
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  const path = onlyRun(results());
  expect(resultOf(path).anomalyCount).toBeGreaterThan(0);
  const lives = readFileSync(join(path, 'nodes/n1/output.log'), 'utf8').match(/n1 is one of/g);
  expect(lives!.length).toBe(1 + faultsOf(path).filter(({ event }) => event === 'heal').length);
});

/** One node after the other is cut off, so that whoever leads is, and is deposed by the others without knowing it. */
function cuttingPlan(command: string): string {
  const { facts } = maelstromSystem(command);
  const flags = { faults: 'partition', time: '9s', rate: '400', keys: '1', seed: 'raft' };
  const plan = planOf(flags, { can: facts.can, foreign: facts });
  const [first] = plan.steps;
  const steps = ['n1', 'n2', 'n3'].map((node, i) => {
    return { ...first!, id: i + 1, target: 'any', nodes: [node], atMs: 300 + 2900 * i, forMs: 2500, maxMs: 2500 };
  });
  const path = join(folder, 'plan.json');
  // Whoever writes to the deposed leader waits in vain, and is to be free again soon.
  writeFileSync(path, JSON.stringify({ ...plan, operationTimeoutMs: 300, steps }));
  return path;
}

test('a Raft that reads at a leader without asking others is caught by a partition, and by nothing less', async () => {
  const command = `${process.execPath} test/programs/maelstrom-raft.mjs`;
  const plan = cuttingPlan(command);
  const follow = (...args: readonly string[]): Promise<Finished> =>
    stalemate(['run', '--plan', plan, '--out', results(), ...args]);
  const right = await follow();
  expect(right.exitCode, right.stdout).toBe(0);
  const wrong = await follow('--system-cmd', `${command} --unchecked-reads`);
  expect(wrong.exitCode, wrong.stdout).toBe(1);
  expect(wrong.stdout).toMatch(/stale read/);
  const calm = await run(`${command} --unchecked-reads`, '--faults', 'none', '--time', '3s');
  expect(calm.exitCode, calm.stdout).toBe(0);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

test.skipIf(!hasPython)('a single node in Python keeps what it has acknowledged when it is killed', async () => {
  const faults = ['--faults', 'kill:majority,pause:majority', '--time', '5s', '--rate', '300'];
  const { exitCode, stdout } = await run('python3 test/programs/maelstrom-kv.py', '--nodes', '1', ...faults);
  expect(exitCode, stdout).toBe(0);
  expect(readFileSync(join(onlyRun(results()), 'nodes/n1/output.log'), 'utf8')).toMatch(/n1 knows [1-9]\d* keys/);
});

test('errors of every meaning become what they mean', async () => {
  const node = nodeOf(`
    const codes = { read: 20, write: [11, 13, 14][Number(request.value) % 3] };
    if (request.key === 'stalemate-ready') return say({ type: request.type + '_ok' });
    return say({ type: 'error', code: codes[request.type] ?? 20, text: 'so it is' });`);
  const { exitCode } = await run(
    node,
    '--time',
    '1s',
    '--faults',
    'none',
    '--nodes',
    '1',
    '--rate',
    '200',
    '--keys',
    '1',
  );
  // Nothing was ever written, so that it means nothing: reads of null, and every write refused, failed or unknown.
  expect(exitCode).toBe(2);
  const lines = readFileSync(join(onlyRun(results()), 'history.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const seen = new Set(
    lines.flatMap((line) => {
      const { type, f, value, error } = JSON.parse(line) as HistoryLine;
      // On a busy machine the node may be late once; that says nothing about what its errors mean.
      return type === 'invoke' || error === 'timeout'
        ? []
        : [`${f} ${type} ${f === 'read' ? JSON.stringify(value) : error!}`];
    }),
  );
  expect([...seen].toSorted()).toEqual([
    'cas fail key-does-not-exist',
    'read ok null',
    'write fail abort',
    'write fail temporarily-unavailable',
    'write info crash: so it is',
  ]);
  // The plan in the folder knows the command.
  const again = await stalemate(['run', '--plan', onlyRun(results()), '--out', join(folder, 'again'), '--quiet']);
  expect(again).toMatchObject({ exitCode: 2, stderr: '' });
});

test('the command is one for the shell: it may set variables, and go somewhere first', async () => {
  const command = `cd test/programs && WHO=me node ${basename(PRIMARY.split(' ').at(-1)!)}`;
  const args = ['--system-cmd', command, '--faults', 'pause', '--time', '4s', '--out', results(), '--quiet'];
  const { exitCode, stderr } = await stalemate(['run', ...args]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test('what cannot run says so in one line', async () => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stderr } = await stalemate(['run', '--out', results(), ...args]);
    expect(exitCode).toBe(254);
    return stderr;
  };
  expect(await refused('--system-cmd', 'node no-such-node.js')).toBe(
    'stalemate: --system-cmd: there is no file no-such-node.js (paths count from this folder)',
  );
  // The class of a Java program is no file.
  expect(await refused('--system-cmd', 'true com.example.Node', '--faults', 'power-loss')).toMatch(/power-loss/);
  expect(await refused('--system', 'maelstrom')).toBe(
    "stalemate: --system maelstrom needs --system-cmd (--system-cmd 'node my-node.js')",
  );
  expect(await refused('--system', 'etcd', '--system-cmd', PRIMARY)).toMatch(/one of the two \(leave --system out\)/);
  expect(await refused('--system-cmd', PRIMARY, '--faults', 'pause:leader')).toMatch(/nobody can say who leads there/);
  expect(await refused('--system-cmd', PRIMARY, '--faults', 'power-loss')).toMatch(/power-loss: .*only raft/);
  expect(await refused('--system-cmd', PRIMARY, '--workload', 'lock')).toMatch(/one of cas-register, register/);
  const sim = await stalemate(['sim', '--system-cmd', PRIMARY]);
  expect(sim).toMatchObject({
    exitCode: 254,
    stderr: expect.stringMatching(/--system-cmd: not for the bundled/) as string,
  });
});

test.each([
  ['ends', `process.exit(3);`, /^stalemate: .*odd\.mjs did not come up: n1 ended \(exit code 3\)/],
  [
    'prints what is no message',
    `console.log('starting up');`,
    /n1 ended \(it printed a line that is not JSON, and was ended\): starting up/,
  ],
])('a node that %s is named, and nothing is left of it', async (_what, source, words) => {
  const path = join(folder, 'odd.mjs');
  writeFileSync(path, `${source}\nsetInterval(() => {}, 1000);`);
  const { exitCode, stderr } = await run(`${process.execPath} ${path}`, '--nodes', '1', '--faults', 'none');
  expect(exitCode).toBe(255);
  expect(stderr).toMatch(words);
  expect(processesNaming(path)).toEqual([]);
});
