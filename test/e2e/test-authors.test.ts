/** What the package gives to test authors, by its exported names and from what was built: recorder, matcher, threads. */
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

/** A project of somebody else, with this package installed. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'stalemate-author-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'stalemate'));
  symlinkSync(join(ROOT, 'node_modules', 'vitest'), join(folder, 'node_modules', 'vitest'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

test('a failing expectation of another project tells the explanation', async () => {
  const folder = project({
    'cache.test.ts': `
      import 'stalemate/vitest';
      import { recorder, casRegister } from 'stalemate/checker';
      import { expect, test } from 'vitest';

      test('a cache that forgets to forget', async () => {
        const values = new Map();
        const cache = new Map();
        const recording = recorder({ clients: 2 });
        const writer = recording.client({ node: 'n1' });
        const reader = recording.client({ node: 'n2' });
        const get = (key) => cache.get(key) ?? (cache.set(key, values.get(key)), values.get(key));
        await writer.write('x', 4, () => values.set('x', 4));
        await reader.read('x', () => get('x'));
        expect(recording).toBeLinearizable(casRegister);
        await writer.write('x', 5, () => values.set('x', 5));
        await reader.read('x', () => get('x'));
        expect(recording).not.toBeLinearizable();
        expect(recording).toBeLinearizable();
      });`,
  });
  try {
    const { exitCode, stdout } = await execa(
      process.execPath,
      [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=json'],
      { cwd: folder, reject: false, env: { VITEST: undefined } },
    );
    const report = JSON.parse(stdout) as {
      readonly testResults: readonly {
        readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[];
      }[];
    };
    const [message] = report.testResults[0]!.assertionResults[0]!.failureMessages;
    expect(message).toMatch(/Client 1 read x = 4 at \d+\.\d{3} s, although x = 5 had been acknowledged .* before\./);
    expect(message).toContain('✕ client 1 → n2  read x → 4');
    expect(exitCode).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('threads of the built package decide as one does, and let the process end', async () => {
  const program = `
    import { check, casRegister } from 'stalemate/checker';
    import { checkParallel } from 'stalemate/pool';
    // Not exported: with it threads are made at once.
    import { checkTuned } from './dist/checker/pool/check-parallel.js';
    import { deepStrictEqual } from 'node:assert';
    const operations = [];
    for (let id = 0; id < 60_000; id++) {
      const key = 'k' + (id % 100);
      const n = Math.floor(id / 100);
      const seen = id === 50_117 ? -1 : n % 2 === 0 ? null : n - 1;
      operations.push({
        id, process: id % 7, callNs: id * 10,
        input: n % 2 === 0 ? { f: 'write', key, value: n } : { f: 'read', key, value: null },
        outcome: { kind: 'ok', output: seen, returnNs: id * 10 + 5 },
      });
    }
    const history = { operations, failed: [], warnings: [] };
    let threads = 0;
    const onProgress = () => {
      threads = Math.max(threads, process.getActiveResourcesInfo().filter((it) => it === 'MessagePort').length);
    };
    const options = { jobs: 2, all: true, onProgress };
    const verdict = await checkTuned(history, casRegister, options, { patienceMs: 0, leastBatch: 4_096 });
    deepStrictEqual(verdict, check(history, casRegister));
    deepStrictEqual(verdict, await checkParallel(history, casRegister, options));
    console.log(JSON.stringify([verdict.kind, verdict.parts.filter((it) => it.kind === 'violation').length, threads]));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program], { cwd: ROOT });
  expect(JSON.parse(stdout)).toEqual(['violation', 1, 2]);
});
