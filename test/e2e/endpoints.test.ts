/** `--endpoints`: a cluster that this test started, driven by the program that did not, and hurt by commands of the shell. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reservePorts, type PortReservation } from '../../src/cluster/ports.ts';
import { processState } from '../../src/cluster/process-state.ts';
import type { FaultLine } from '../../src/contract/index.ts';
import { commandLine, onlyRun, resultOf, stalemate, startInGroup, until, type Finished } from './program.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const SERVER = join(ROOT, 'test/programs/lagging-register.mjs');
const SYSTEM = 'test/programs/lagging-register-system.ts';
const NODES = ['n1', 'n2', 'n3'];

let folder: string;
let reservation: PortReservation;
const children: ChildProcess[] = [];
const results = (): string => join(folder, 'results');

/** Three nodes, each with its number in a file, as an init system keeps it. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-endpoints-'));
  reservation = await reservePorts(2 * NODES.length);
  const peers = reservation.ports.slice(NODES.length);
  for (const [i, node] of NODES.entries()) {
    mkdirSync(join(folder, node));
    const ports = [reservation.ports[i], peers[i]].map(String);
    const replicas = peers.slice(1).map((port) => `127.0.0.1:${port}`);
    const args = [SERVER, node, ...ports, join(folder, node), '30', ...replicas];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    let printed = '';
    child.stdout!.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await until(`${node} to serve`, 10_000, () => printed.includes('serves'));
    writeFileSync(join(folder, `${node}.pid`), String(child.pid));
  }
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  reservation.release();
  rmSync(folder, { recursive: true, force: true });
});

function endpoints(): string {
  return reservation.ports
    .slice(0, NODES.length)
    .map((port) => `127.0.0.1:${port}`)
    .join();
}

function run(...args: readonly string[]): Promise<Finished> {
  return stalemate([
    'run',
    '--system',
    SYSTEM,
    '--endpoints',
    endpoints(),
    '--out',
    results(),
    '--seed',
    'endpoints',
    ...args,
  ]);
}

const PAUSE = (): readonly string[] => [
  '--fault-cmd',
  `pause=kill -STOP $(cat ${folder}/{node}.pid)`,
  `heal=kill -CONT $(cat ${folder}/{node}.pid)`,
];

function faults(): readonly FaultLine[] {
  const lines = readFileSync(join(onlyRun(results()), 'faults.jsonl'), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as FaultLine);
}

test('a cluster that runs already keeps its promise while commands stop its nodes, and runs on afterwards', async () => {
  const { exitCode, stdout, stderr } = await run(...PAUSE(), '--faults', 'pause:follower', '--time', '5s');
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
  const path = onlyRun(results());
  const result = resultOf(path);
  expect(result).toMatchObject({ verdict: 'linearizable', system: { version: 'running already', nodes: 3 } });
  expect(result.faults).toEqual([{ kind: 'pause', total: 2, effective: 2, windows: expect.any(Number) as number }]);
  const [inject] = faults();
  expect(inject).toMatchObject({
    event: 'inject',
    evidence: expect.stringMatching(/^kill -STOP .* ended with 0$/) as string,
  });
  const heals = faults().filter(({ event }) => event === 'heal');
  for (const heal of heals)
    expect(heal).toMatchObject({ evidence: expect.stringMatching(/^n\d gave no answer until the end/) as string });
  expect(children.map(({ exitCode: code }) => code)).toEqual([null, null, null]);
  // Another run meets keys of its own, and its plan knows commands and endpoints.
  const again = await stalemate(['run', '--plan', path, '--out', join(folder, 'again'), '--quiet']);
  expect(again).toMatchObject({ exitCode: 0, stderr: '' });
});

test('a command that does nothing, or fails, is no fault that the cluster survived', async () => {
  const idle = await run('--fault-cmd', 'pause=true {node}', 'heal=true {node}', '--time', '4s');
  expect(idle.exitCode).toBe(2);
  expect(idle.stdout).toMatch(/vacuous/);
  expect(faults().find(({ event }) => event === 'heal')).toMatchObject({
    effective: false,
    evidence: expect.stringMatching(/answered all the same/) as string,
  });
  rmSync(results(), { recursive: true });
  const failing = await run('--fault-cmd', 'pause=echo no {node} >&2; exit 3', 'heal=true {node}', '--time', '4s');
  expect(failing.exitCode).toBe(2);
  const [skip] = faults();
  const [, node] = /ended with 3: no (n\d)$/.exec(skip?.event === 'skip' ? skip.reason : '') ?? [];
  expect(NODES).toContain(node);
  const log = readFileSync(join(onlyRun(results()), 'nodes', node!, 'faults.log'), 'utf8');
  expect(log).toContain(`$ echo no ${node!} >&2; exit 3\nno ${node!}\n(ended with 3)`);
});

test('a command that fails midway is cured at once, of a node and of a link', async () => {
  const half = (what: string) => `touch ${folder}/${what}; exit 5`;
  const node = ['--fault-cmd', `pause=${half('half-{node}')}`, `heal=rm ${folder}/half-{node}`];
  const link = ['--fault-cmd', `cut=${half('half-{from}-{to}')}`, `heal=rm ${folder}/half-{from}-{to}`];
  const { exitCode } = await run(...node, ...link, '--faults', 'pause:any,partition:one-way', '--time', '4s');
  expect(exitCode).toBe(2);
  const skipped = faults().flatMap((line) => (line.event === 'skip' ? [line.kind] : []));
  expect(new Set(skipped)).toEqual(new Set(['pause', 'partition']));
  expect(readdirSync(folder).filter((name) => name.startsWith('half'))).toEqual([]);
});

test('a node that refuses is one that answers: it was not stopped', async () => {
  const adapter = join(folder, 'refusing.ts');
  const text = [
    `import { system as it } from ${JSON.stringify(join(ROOT, 'test/programs/lagging-register-system.ts'))};`,
    `const refusing = async () => ({ kind: 'refused', error: 'leaderless' });`,
    `export const system = { ...it, session: (node, place, options) =>`,
    `  options.name.startsWith('look') ? { ask: refusing, close: async () => {} } : it.session(node, place, options) };`,
  ];
  writeFileSync(adapter, text.join('\n'));
  const args = ['--fault-cmd', 'pause=true {node}', 'heal=true {node}', '--time', '4s', '--out', results()];
  await stalemate(['run', '--system', adapter, '--endpoints', endpoints(), ...args]);
  expect(faults().find(({ event }) => event === 'heal')).toMatchObject({ effective: false });
});

test('Ctrl-C ends the wait for a cluster that does not come up', async () => {
  const nobody = `127.0.0.1:${reservation.ports[NODES.length]}`;
  for (const child of children.splice(0)) child.kill('SIGKILL');
  const args = ['--endpoints', nobody, '--faults', 'none', '--out', results()];
  const program = startInGroup(commandLine('run', '--system', SYSTEM, ...args));
  await until('the run to have begun', 30_000, () => existsSync(join(results(), 'latest')));
  const sentMs = performance.now();
  process.kill(-program.pid!, 'SIGINT');
  const { exitCode, stdout } = await program;
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 130,
    stdout: expect.stringContaining('interrupted before') as string,
  });
  expect(performance.now() - sentMs).toBeLessThan(15_000);
});

test('a cure that fails is told', async () => {
  const { exitCode, stderr } = await run('--fault-cmd', 'pause=true {node}', 'heal=exit 4 # {node}', '--time', '4s');
  expect(exitCode).toBe(255);
  expect(stderr).toMatch(/could not be undone: exit 4 # n\d: ended with 4/);
  expect(stderr.split('\n')).toHaveLength(1);
});

test('Ctrl-C undoes what holds', async () => {
  const args = ['--endpoints', endpoints(), '--out', results(), ...PAUSE(), '--time', '60s'];
  const program = startInGroup(commandLine('run', '--system', SYSTEM, ...args));
  const stopped = (): boolean => children.some(({ pid }) => processState(pid!)?.code === 'T');
  await until('a node to be stopped', 30_000, stopped);
  process.kill(-program.pid!, 'SIGINT');
  expect((await program).exitCode).toBe(130);
  expect(stopped()).toBe(false);
});

test('links are cut one by one, and all made whole again', async () => {
  const cut = ['--fault-cmd', `cut=touch ${folder}/{from}-{to}`, `heal=rm ${folder}/{from}-{to}`];
  const { exitCode, stdout, stderr } = await run(...cut, '--faults', 'partition:one-way', '--time', '4s');
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });
  const lines = faults();
  expect(lines[0]).toMatchObject({ event: 'inject', evidence: 'the commands for 2 links ended with 0' });
  expect(lines.at(-1)).toMatchObject({ event: 'heal', effective: true });
  const links = NODES.flatMap((from) => NODES.map((to) => join(folder, `${from}-${to}`)));
  expect(links.filter((path) => existsSync(path))).toEqual([]);
});

test('a cure that fails for one link is no reason to leave the others cut', async () => {
  const cut = ['--fault-cmd', `cut=touch ${folder}/{from}-{to}`, `heal=rm ${folder}/{from}-{to}; exit 4`];
  const { exitCode, stderr } = await run(...cut, '--faults', 'partition:one-way', '--time', '4s');
  expect(exitCode).toBe(255);
  expect(stderr).toMatch(/could not be undone: .*: ended with 4/);
  const links = NODES.flatMap((from) => NODES.map((to) => join(folder, `${from}-${to}`)));
  expect(links.filter((path) => existsSync(path))).toEqual([]);
});

test('what there is no command for is refused by name, with the command that would do', async () => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stderr } = await run(...args);
    expect({ args, exitCode }).toEqual({ args, exitCode: 254 });
    return stderr;
  };
  expect(await refused('--faults', 'pause')).toMatch(
    /--faults pause: .*--fault-cmd pause='… \{node\}' heal='… \{node\}'/,
  );
  expect(await refused(...PAUSE(), '--faults', 'kill')).toMatch(/--faults kill: .*--fault-cmd kill=/);
  expect(await refused(...PAUSE(), '--faults', 'power-loss')).toMatch(/--faults power-loss/);
  expect(await refused(...PAUSE(), '--nodes', '5')).toMatch(/--nodes 5: --endpoints names 3/);
  expect(await refused(...PAUSE(), '--faults', 'fsync-error')).toMatch(/--faults fsync-error: .*there is no command/);
  const cut = ['--fault-cmd', 'cut=a {from} {to}', 'heal=b {from} {to}'];
  expect(await refused(...cut, '--faults', 'slow-link')).toMatch(/--faults slow-link: there is no command for it/);
  const without = await stalemate(['run', '--endpoints', '127.0.0.1:1']);
  expect(without).toMatchObject({
    exitCode: 254,
    stderr: expect.stringMatching(/--endpoints needs a --system/) as string,
  });
  expect(existsSync(results())).toBe(false);
  const unreachable = await stalemate(['run', '--system', 'redis', '--endpoints', '127.0.0.1:1']);
  expect(unreachable).toMatchObject({
    exitCode: 254,
    stderr: expect.stringMatching(/--system redis: it has no port that is for clients alone/) as string,
  });
  const started = await stalemate(['run', '--system', SYSTEM, ...PAUSE()]);
  expect(started).toMatchObject({
    exitCode: 254,
    stderr: expect.stringMatching(/--fault-cmd without --endpoints/) as string,
  });
});
