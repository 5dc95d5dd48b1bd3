/** `stalemate export`: runs and files become histories of Jepsen, which `check` reads again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onlyRun, resultOf, resultsFolder, stalemate } from './program.ts';

const HISTORIES = new URL('../checker/histories', import.meta.url).pathname;

test('a run, with its faults, has the same verdict as a history of Jepsen', async () => {
  const folder = resultsFolder();
  try {
    const faults = ['--faults', 'pause,partition', '--time', '4s'];
    await stalemate(['sim', '--reads', 'local', ...faults, '--seed', 'export', '--out', folder.path]);
    const run = onlyRun(folder.path);
    const { verdict, ops } = resultOf(run);
    expect(verdict).toBe('not-linearizable');
    const file = join(folder.path, 'history.edn');
    const { exitCode, stdout } = await stalemate(['export', run, '--out', file, '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ operations: ops.total, lost: ops.mismatch, initial: ':null' });
    expect(ops.mismatch).toBeGreaterThan(0);
    const again = await stalemate(['check', file, '--initial', ':null', '--json']);
    expect(again.exitCode).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({ operations: ops.total - ops.fail });
    const faultLines = readFileSync(file, 'utf8').match(/^\{:process :nemesis, :type :info, :f :\S+/gm);
    expect(faultLines?.map((line) => line.split(':f ')[1])).toEqual(
      expect.arrayContaining([':start-pause,', ':stop-pause,', ':start-partition,', ':stop-partition,']),
    );
    // Nothing but the file that was asked for.
    expect(readdirSync(folder.path).toSorted()).toEqual(
      ['history.edn', 'latest', run.slice(folder.path.length + 1)].toSorted(),
    );
  } finally {
    folder.remove();
  }
});

test('recorded histories go through a pipe to the same verdict, unless it says what it lost', async () => {
  const files = readdirSync(HISTORIES)
    .filter((name) => name.endsWith('.jsonl'))
    .slice(0, 6);
  expect(files.length).toBe(6);
  for (const file of files) {
    const path = join(HISTORIES, file);
    const { exitCode, stdout, stderr } = await stalemate(['export', '-', '--null', '-1'], readFileSync(path, 'utf8'));
    expect({ file, exitCode }).toEqual({ file, exitCode: 0 });
    const [there, here] = [
      await stalemate(['check', '-', '--initial', '-1'], stdout),
      await stalemate(['check', path]),
    ];
    if (!stderr.includes('is lost')) expect({ file, code: there.exitCode }).toEqual({ file, code: here.exitCode });
  }
});

test('what cannot be exported is one line and a hint', async () => {
  const good = join(HISTORIES, 'bad-compare-and-set-after-overwrite.jsonl');
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await stalemate(['export', ...args]);
    expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 254, stdout: '' });
    return stderr;
  };
  expect(await refused('nowhere')).toBe(
    'stalemate: nowhere: cannot be read (ENOENT) (give the path of a recorded history)',
  );
  expect(await refused('README.md')).toMatch(/^stalemate: README.md:1: no format known here[^\n]*$/);
  expect(await refused(good, '--format', 'xml')).toBe('stalemate: --format xml: not written by export (edn is)');
  expect(await refused(good, '--null', ':a :b')).toMatch(/:a :b is not one element of EDN \(another --null/);
  expect(await refused(good, '--json')).toMatch(/--json needs --out/);
  expect(await refused(good, '--out', '/nowhere/x.edn')).toMatch(
    /--out \/nowhere\/x.edn: cannot be written \(ENOENT\)/,
  );
  expect(await refused()).toMatch(/export needs a file or a name/);
});
