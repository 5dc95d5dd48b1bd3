/**
 * Writes are put off, fsyncs overlap them, and the process dies in the middle of it all: whatever the order, what a disk called durable
 * is there after a loss of power, and of the rest nothing but what was written, sector by sector (core.md). Real processes, real files.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyed } from '../../src/base/random.ts';
import { losePower } from '../../src/cluster/power-loss.ts';
import { contentAt, type Action, type Said, type Script } from './deferred-writes.ts';

const PROGRAM = new URL('../programs/deferred-writer.ts', import.meta.url).pathname;
const SECTOR_BYTES = 512;
/** Processes; each has as many disks. */
const RUNS = 5;
const DISKS = 16;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stalemate-deferred-'));
});

afterEach(() => rmSync(root, { recursive: true }));

const bytes = fc.integer({ min: 1, max: 3000 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('append' as const), bytes }) },
  { weight: 4, arbitrary: fc.constant<Action>({ kind: 'sync' }) },
  { weight: 4, arbitrary: fc.constant<Action>({ kind: 'turn' }) },
  { weight: 1, arbitrary: fc.constantFrom<Action>({ kind: 'settle' }, { kind: 'syncNow' }, { kind: 'publish' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('piece' as const), bytes }) },
);

test('what a disk called durable outlives its process and the power, whatever was put off', () => {
  let kept = 0;
  let lost = 0;
  let number = 0;
  const disks = fc.array(fc.array(action, { minLength: 10, maxLength: 60 }), { minLength: DISKS, maxLength: DISKS });
  fc.assert(
    fc.property(disks, fc.integer({ min: 150, max: 500 }), fc.string(), (actions, diesAfter, seed) => {
      const folder = join(root, String(++number));
      const said = play({ folder, diesAfter, disks: actions });
      actions.forEach((_, nth) => {
        const promised = said.filter(({ disk }) => disk === nth);
        // It died before it had begun.
        if (promised.length === 0) return;
        const dataFolder = join(folder, String(nth), 'data');
        // The power of half of them; of the others the process alone.
        if (nth % 2 === 0) {
          const place = { dataFolder, undoFolder: join(folder, String(nth), 'undo') };
          lost += losePower(place, (draw) => keyed(seed, nth, draw)).lostSectors;
        }
        for (const { file, bytes: durableBytes } of promised) {
          kept += durableBytes;
          expect(beginning(dataFolder, file)).toBeGreaterThanOrEqual(durableBytes);
        }
        for (const file of readdirSync(dataFolder)) expect(strangeSectors(dataFolder, file)).toEqual([]);
      });
    }),
    // Shrinking would start a process for each step, and fsyncs are not the same twice.
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(kept).toBeGreaterThan(0);
  expect(lost).toBeGreaterThan(0);
});

/** Lets the program play it and die; gives what it said. */
function play(script: Script): readonly Said[] {
  mkdirSync(script.folder, { recursive: true });
  const [scriptPath, saidPath] = [join(script.folder, 'script.json'), join(script.folder, 'said.jsonl')];
  writeFileSync(scriptPath, JSON.stringify(script));
  writeFileSync(saidPath, '');
  const { signal, stderr } = execaSync(process.execPath, ['--import', 'tsx', PROGRAM, scriptPath, saidPath], {
    reject: false,
  });
  expect([signal, stderr]).toEqual(['SIGKILL', '']);
  const lines = readFileSync(saidPath, 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Said);
}

/** How much of what was written stands at the beginning of the file. */
function beginning(folder: string, file: string): number {
  const found = readFileSync(join(folder, file));
  const end = found.findIndex((byte, at) => byte !== contentAt(at));
  return end === -1 ? found.length : end;
}

/** Sectors that are neither new up to some byte and empty from there on, nor empty. */
function strangeSectors(folder: string, file: string): readonly number[] {
  const found = readFileSync(join(folder, file));
  const strange: number[] = [];
  for (let from = 0; from < found.length; from += SECTOR_BYTES) {
    const sector = found.subarray(from, from + SECTOR_BYTES);
    const end = sector.indexOf(0);
    const isNew = sector
      .subarray(0, end === -1 ? sector.length : end)
      .every((byte, at) => byte === contentAt(from + at));
    if (!isNew || (end !== -1 && sector.subarray(end).some((byte) => byte !== 0))) strange.push(from);
  }
  return strange;
}
