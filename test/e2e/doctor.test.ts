/** `stalemate doctor`: it says what is here, and how to get what is not. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { commandLine, resultsFolder } from './program.ts';

/** A folder as of an unpacked package, with a program of that text. */
function unpacked(name: string, text: string) {
  const folder = resultsFolder();
  mkdirSync(join(folder.path, 'usr/bin'), { recursive: true });
  const program = join(folder.path, 'usr/bin', name);
  writeFileSync(program, text);
  chmodSync(program, 0o755);
  return { ...folder, program };
}

interface Document {
  readonly node: string;
  readonly systems: readonly {
    readonly name: string;
    readonly version: string | null;
    readonly trouble: string | null;
    readonly install: string | null;
    readonly programs: Readonly<Record<string, string | null>>;
    readonly reads: Readonly<Record<string, string>>;
    readonly faults: readonly string[];
    readonly cannot: Readonly<Record<string, string>>;
  }[];
  readonly tools: readonly { readonly name: string; readonly works: boolean; readonly evidence: string }[];
}

async function doctor(...flags: readonly string[]): Promise<Document> {
  const [file, ...args] = commandLine('doctor', '--json', ...flags);
  const { stdout, exitCode } = await execa(file, args, { env: { PATH: '' }, reject: false });
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Document;
}

test('the bundled system is always here, and the tools of the machine are tried', async () => {
  const { node, systems, tools } = await doctor();
  expect(node).toBe(process.version);
  const raft = systems.find(({ name }) => name === 'raft')!;
  expect(raft).toMatchObject({ install: null, reads: { 'read-index': 'linearizable' } });
  expect(raft.faults).toContain('power-loss');
  expect(Object.keys(raft.cannot)).toEqual(['fsync-error']);
  // Without a PATH none of them is found.
  expect(tools.find(({ name }) => name === 'strace')).toMatchObject({
    works: false,
    evidence: expect.stringContaining('ENOENT'),
  });
});

test('a program in --bin-dir is found and asked for its version; one that is nowhere has a command that installs it', async () => {
  const { path, remove, program: etcd } = unpacked('etcd', '#!/bin/sh\necho "etcd Version: 9.8.7"\n');
  const found = (await doctor('--bin-dir', path)).systems.find(({ name }) => name === 'etcd')!;
  expect(found).toMatchObject({ version: '9.8.7', install: null, programs: { etcd } });
  expect(found.faults).toEqual(expect.arrayContaining(['kill', 'pause', 'partition']));
  expect(found.cannot['clock-rate']).toMatch(/only raft/);
  remove();
});

test('a program that is there and does not run is told with its own words, by run as well', async () => {
  const { path, remove, program } = unpacked('etcd', '#!/bin/sh\necho "libx.so.1: cannot open" >&2\nexit 127\n');
  const words = `${program} does not run: libx.so.1: cannot open`;
  const found = (await doctor('--bin-dir', path)).systems.find(({ name }) => name === 'etcd')!;
  expect(found).toMatchObject({ version: null, trouble: expect.stringContaining(words) });
  const [file, ...args] = commandLine('run', '--system', 'etcd', '--bin-dir', path);
  const { exitCode, stderr } = await execa(file, args, { reject: false });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 254,
    stderr: `stalemate: ${words} (install its package, or set LD_LIBRARY_PATH)`,
  });
  remove();
});
