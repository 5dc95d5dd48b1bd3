/** The node as a program: what it refuses, it refuses with exit code 1 and one clear line. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programArgs } from '../../src/spawn/own-program.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-node-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a node that cannot come up; flags given replace the right ones. */
async function refusal(flags: Readonly<Record<string, string>>): Promise<readonly [number | undefined, string]> {
  const right = {
    id: 'n1',
    'cluster-id': 'C',
    members: 'n1=127.0.0.1:19999',
    data: join(folder, 'data'),
    probes: join(folder, 'probes.jsonl'),
    epoch: '0',
    'election-ms': '150-300',
    'heartbeat-ms': '30',
    seed: 's',
  };
  const args = Object.entries({ ...right, ...flags }).flatMap(([name, value]) => [`--${name}`, value]);
  const { exitCode, stderr } = await execa(process.execPath, [...programArgs('node/main'), ...args], { reject: false });
  return [exitCode, stderr];
}

test.concurrent.each([
  [{}, 'the data folder of node n1 is empty'],
  [{ id: 'n7' }, '--id n7: not among --members'],
  [{ mutant: 'M999' }, '--mutant M999: there is no such mutant'],
])('%j', async (flags, line) => {
  expect(await refusal(flags)).toEqual([1, line]);
});
