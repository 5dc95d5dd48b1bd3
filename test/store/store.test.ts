/** The layout of results/: written whole, read back, and refused where it cannot be written. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryLine, Probe, RunFile } from '../../src/contract/index.ts';
import {
  createRunFolder,
  listFolders,
  listRuns,
  nodeFolder,
  openSink,
  probesOf,
  pointLatestAt,
  readFaults,
  readProbes,
  readResult,
  readRunFile,
  runFolder,
  writeJson,
} from '../../src/store/index.ts';
import { planOf } from '../run/world.ts';

const NOON = new Date('2026-11-23T12:00:00.500Z');
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stalemate-store-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function line(index: number, type: HistoryLine['type']): HistoryLine {
  return { index, time: index, process: 0, type, f: 'write', key: 'x', value: 1 };
}

test('a run’s folder is named by when, what and with which seed', () => {
  expect(createRunFolder(root, planOf({ seed: '7' }), NOON).name).toBe('20261123T120000Z-raft-cas-register-7');
});

test('a folder that is taken gets a number', () => {
  const names = [1, 2, 3].map(() => createRunFolder(root, planOf({ seed: '7' }), NOON).name);
  expect(names.map((name) => name.slice(names[0]!.length))).toEqual(['', '-2', '-3']);
});

test('a seed is any string, and never leaves the folder', () => {
  const { name } = createRunFolder(root, planOf({ seed: '../../a b/ü' }), NOON);
  expect(name).toBe('20261123T120000Z-raft-cas-register-.._.._a_b__');
  expect(readdirSync(root)).toEqual([name]);
});

test('a results folder that does not exist is made, one that cannot be written is a usage error', () => {
  expect(createRunFolder(join(root, 'a', 'b'), planOf(), NOON).path).toContain(join(root, 'a', 'b'));
  writeFileSync(join(root, 'file'), '');
  expect(() => createRunFolder(join(root, 'file', 'results'), planOf(), NOON)).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining('cannot be written (ENOTDIR)') }),
  );
});

test('latest points at the last run, by a relative name, and nothing else is left', () => {
  const first = createRunFolder(root, planOf(), NOON);
  pointLatestAt(first);
  const second = createRunFolder(root, planOf(), NOON);
  pointLatestAt(second);
  expect(readlinkSync(join(root, 'latest'))).toBe(second.name);
  expect(readdirSync(root).toSorted()).toEqual([first.name, second.name, 'latest'].toSorted());
});

test('an invocation stands in the file when the sink returns, with everything before it', () => {
  const folder = createRunFolder(root, planOf(), NOON);
  const sink = openSink(folder);
  sink.history(line(0, 'invoke'));
  sink.history(line(1, 'ok'));
  sink.history(line(2, 'invoke'));
  const written = readFileSync(folder.history, 'utf8');
  sink.close();
  expect(written).toBe(
    [line(0, 'invoke'), line(1, 'ok'), line(2, 'invoke')].map((it) => `${JSON.stringify(it)}\n`).join(''),
  );
});

test('the last completion stands in the file when the sink is closed', () => {
  const folder = createRunFolder(root, planOf(), NOON);
  const sink = openSink(folder);
  sink.history(line(0, 'invoke'));
  sink.history(line(1, 'ok'));
  sink.close();
  expect(readFileSync(folder.history, 'utf8').split('\n').length).toBe(3);
});

test('faults are read back as written, without a line that a crash cut off', () => {
  const folder = createRunFolder(root, planOf(), NOON);
  const skip = {
    event: 'skip',
    id: 1,
    time: 5,
    kind: 'pause',
    target: 'leader',
    reason: 'no leader is known',
  } as const;
  const sink = openSink(folder);
  sink.fault(skip);
  sink.close();
  writeFileSync(folder.faults, '{"event":"inj', { flag: 'a' });
  expect(readFaults(folder)).toEqual([skip]);
});

test('a malformed line in the middle is named by file and line', () => {
  const folder = createRunFolder(root, planOf(), NOON);
  writeFileSync(folder.faults, '{}\n{"event":\n{}\n');
  expect(() => readFaults(folder)).toThrow(`${folder.faults}:2: not a line of JSON`);
});

test('the probes of all nodes come in order of time, a torn last line of each left out', () => {
  const folder = createRunFolder(root, planOf(), NOON);
  const probe = (node: string, time: number): Probe => ({ time, node, kind: 'commit', index: time, term: 1 });
  const write = (node: string, times: readonly number[]): void =>
    writeFileSync(
      join(nodeFolder(folder, node), 'probes.jsonl'),
      `${times.map((time) => JSON.stringify(probe(node, time))).join('\n')}\n{"time":9`,
    );
  write('n1', [1, 4]);
  write('n2', [2, 3]);
  nodeFolder(folder, 'n3');
  expect(readProbes(folder).map(({ node, time }) => `${node} ${time}`)).toEqual(['n1 1', 'n2 2', 'n2 3', 'n1 4']);
});

test('a file that is read in several pieces comes whole, also where a piece ends within a letter', () => {
  const folder = createRunFolder(root, planOf(), NOON);
  const words = ['ü', '€', '𝔘'].map((letter) => letter.repeat(1_000_001));
  writeFileSync(folder.faults, words.map((word) => `${JSON.stringify({ word })}\n`).join(''));
  const read = readFaults(folder) as readonly object[] as readonly { readonly word: string }[];
  expect(read.map(({ word }, i) => word === words[i])).toEqual([true, true, true]);
});

test('the list has runs with a run.json, newest first, and null for a result that is not there', () => {
  const folders = ['2026-11-23T10:00:00Z', '2026-11-23T11:00:00Z'].map((at) =>
    createRunFolder(root, planOf(), new Date(at)),
  );
  for (const folder of folders) writeJson(folder.run, { format: 1, run: folder.name } satisfies Partial<RunFile>);
  writeJson(folders[0]!.result, { format: 1, exit: 1 });
  pointLatestAt(folders[1]!);
  createRunFolder(root, planOf(), NOON);
  mkdirSync(join(root, 'notes'));
  expect(listRuns(root).map(({ folder, result }) => [folder.name, result])).toEqual([
    [folders[1]!.name, null],
    [folders[0]!.name, { format: 1, exit: 1 }],
  ]);
  expect(listRuns(join(root, 'nowhere'))).toEqual([]);
});

test('a run that was given a name stands in the list where it belongs by time; folders of others do not', () => {
  const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 23, hour));
  const [old, named, young] = [
    createRunFolder(root, planOf(), at(10)),
    createRunFolder(root, planOf(), at(11), 'before-the-fix'),
    createRunFolder(root, planOf(), at(12)),
  ];
  for (const [nth, folder] of [old, named, young].entries())
    writeJson(folder.run, {
      format: 1,
      run: folder.name,
      startedMs: at(10 + nth).getTime(),
    } satisfies Partial<RunFile>);
  pointLatestAt(young);
  mkdirSync(join(root, 'notes of mine'));
  const names = [young.name, 'before-the-fix', old.name];
  expect(listRuns(root).map(({ folder }) => folder.name)).toEqual(names);
  expect(listFolders(root).map(({ name }) => name)).toEqual(names);
  writeFileSync(named.run, 'changed');
  expect(listFolders(root).map(({ name }) => name)).toEqual([young.name, old.name, 'before-the-fix']);
});

test('a folder that is none of a run is refused, and one without a result has none', () => {
  expect(() => readRunFile(runFolder(join(root, 'x')))).toThrow(`${join(root, 'x')}: not a run (no run.json)`);
  expect(readResult(runFolder(join(root, 'x')))).toBeNull();
});

test('probes of all nodes come in order of time, as often as they are asked for', () => {
  const folder = createRunFolder(root, planOf(), NOON);
  const heard = (node: string, time: number): Probe => ({ time, node, kind: 'heard', term: 1, leader: 'n3' });
  const times: Readonly<Record<string, readonly number[]>> = { n1: [1, 4, 5], n2: [2, 3, 6], n3: [] };
  for (const [node, all] of Object.entries(times)) {
    const text = all.map((time) => `${JSON.stringify(heard(node, time))}\n`).join('');
    writeFileSync(join(nodeFolder(folder, node), 'probes.jsonl'), text);
  }
  const probes = probesOf(folder);
  const inOrder = [heard('n1', 1), heard('n2', 2), heard('n2', 3), heard('n1', 4), heard('n1', 5), heard('n2', 6)];
  expect([...probes]).toEqual(inOrder);
  expect([...probes]).toEqual(inOrder);
});
