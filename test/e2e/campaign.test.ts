/** Campaigns as a CI server runs them: a matrix, parts of it on several machines, one that was cut short, and what is refused. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cellsOf, readDocument, runsOf } from '../../src/campaign/index.ts';
import { campaignRun } from '../../src/cli/campaign-run.ts';
import type { CampaignResult } from '../../src/contract/index.ts';
import { campaignFolder } from '../../src/store/index.ts';
import { commandLine, resultsFolder, stalemate, startInGroup, until } from './program.ts';

const MATRIX = `
name: little
world: simulator
nodes: 3
clients: 3
time: 4s
rate: 100/s
seeds: 2
systems: [raft, raft M30]
reads: [local, read-index]
faults: [none, kill]
expect:
  - {systems: raft M30, reads: local, faults: kill, expect: may}
`;

let folder: ReturnType<typeof resultsFolder>;
let file: string;
beforeAll(() => {
  folder = resultsFolder();
  file = join(folder.path, 'little.yaml');
  writeFileSync(file, MATRIX);
});
afterAll(() => {
  folder.remove();
});

function only(out: string): string {
  const [name, ...others] = readdirSync(out);
  expect(others).toEqual([]);
  return join(out, name!);
}

function resultIn(path: string): CampaignResult {
  return JSON.parse(readFileSync(join(path, 'result.json'), 'utf8')) as CampaignResult;
}

/** What must be equal on any machine, in one part or several. */
function facts({ exit, cells, runs }: CampaignResult): unknown {
  return { exit, cells, runs };
}

test('a matrix, whole and in two parts that are put together: the same result, and files that agree with it', async () => {
  const whole = join(folder.path, 'whole');
  const done = await stalemate(['campaign', file, '--out', whole, '--json']);
  const result = JSON.parse(done.stdout) as CampaignResult;
  expect(result.runs).toHaveLength(16);
  expect(done.exitCode).toBe(result.exit);
  expect(resultIn(only(whole))).toEqual(result);
  const xml = readFileSync(join(only(whole), 'junit.xml'), 'utf8');
  expect(xml.match(/<testcase/g)).toHaveLength(16);
  const page = readFileSync(join(only(whole), 'index.html'), 'utf8');
  for (const [, href] of page.matchAll(/href="(runs\/[^"#]+)/g))
    expect(existsSync(join(only(whole), href!))).toBe(true);
  expect(page.match(/href="runs\//g)!.length).toBeGreaterThanOrEqual(8);

  const parts = ['1/2', '2/2'].map((shard) => ({ shard, out: join(folder.path, `part-${shard[0]}`) }));
  for (const { shard, out } of parts) {
    await stalemate(['campaign', file, '--shard', shard, '--out', out]);
    expect(resultIn(only(out)).runs).toHaveLength(8);
  }
  const merged = join(folder.path, 'merged');
  const folders = parts.map(({ out }) => only(out)).join(',');
  const { exitCode } = await stalemate(['campaign', file, '--merge', folders, '--out', merged]);
  expect(exitCode).toBe(done.exitCode);
  expect(facts(resultIn(only(merged)))).toEqual(facts(result));
  const lacking = await stalemate(['campaign', file, '--merge', only(parts[0]!.out), '--out', join(folder.path, 'x')]);
  expect(lacking).toMatchObject({ exitCode: 254, stderr: expect.stringMatching(/8 runs of 16 missing/) as string });
  expect(existsSync(join(folder.path, 'x'))).toBe(false);
  const other = await stalemate(['campaign', file, '--seed', 'other', '--merge', folders]);
  expect(other).toMatchObject({ exitCode: 254, stderr: expect.stringMatching(/another campaign/) as string });
}, 240_000);

test('one that was cut short is gone on with: what was finished is not run again', async () => {
  const out = join(folder.path, 'cut');
  const child = startInGroup(commandLine('campaign', file, '--out', out, '--jobs', '1'));
  const runs = await until('three finished runs', 60_000, () => {
    const [name] = existsSync(out) ? readdirSync(out) : [];
    const path = name === undefined ? '' : join(out, name, 'runs');
    const finished = existsSync(path)
      ? readdirSync(path).filter((id) => existsSync(join(path, id, 'result.json')))
      : [];
    return finished.length >= 3 && path;
  });
  process.kill(child.pid!, 'SIGKILL');
  await child;
  expect(existsSync(join(only(out), 'result.json'))).toBe(false);
  const first = join(
    runs,
    readdirSync(runs).find((id) => existsSync(join(runs, id, 'result.json')))!,
  );
  writeFileSync(join(first, 'mark'), 'not run again');
  const { stdout } = await stalemate(['campaign', file, '--out', out]);
  expect(stdout).toMatch(/going on with .*: \d+ of 16 runs are there/);
  expect(resultIn(only(out)).runs).toHaveLength(16);
  expect(existsSync(join(first, 'mark'))).toBe(true);
  // A finished one is not gone on with.
  rmSync(join(first, 'mark'));
  await stalemate(['campaign', file, '--out', out, '--shard', '1/16']);
  expect(readdirSync(out)).toHaveLength(2);
}, 240_000);

test('two of the same at once: the second is refused and names who is at it, and --fresh begins another', async () => {
  const out = join(folder.path, 'at-once');
  const child = startInGroup(commandLine('campaign', file, '--out', out, '--jobs', '1'));
  try {
    const holder = await until('a campaign at work', 60_000, () => {
      const [name] = existsSync(out) ? readdirSync(out) : [];
      const path = name === undefined ? '' : join(out, name, 'pid');
      return existsSync(path) && path;
    });
    const second = await stalemate(['campaign', file, '--out', out]);
    expect(second).toMatchObject({ exitCode: 254, stdout: '' });
    expect(second.stderr).toBe(
      `stalemate: ${join(holder, '..')}: process ${child.pid} is at it (--fresh begins another; if that process is something else, delete ${holder})`,
    );
    expect(readdirSync(out)).toHaveLength(1);
    process.kill(child.pid!, 'SIGINT');
    expect((await child).exitCode).toBe(130);
    expect(existsSync(holder)).toBe(false);
  } finally {
    child.kill('SIGKILL');
  }
}, 120_000);

const ONE_CELL = { name: 'one-cell', world: 'simulator', nodes: 3, time: '4s', rate: '100/s', seeds: 6 };

test('a run that failed in its part is unknown in the whole, too', async () => {
  const matrix = join(folder.path, 'one-cell.json');
  writeFileSync(matrix, JSON.stringify({ ...ONE_CELL, seeds: 2 }));
  const out = join(folder.path, 'failed-part');
  await stalemate(['campaign', matrix, '--out', out]);
  const part = only(out);
  const result = resultIn(part);
  const failed = { ...result.runs[0]!, verdict: 'unknown', class: null, reason: 'exit 255: n1 died', report: null };
  writeFileSync(join(part, 'result.json'), JSON.stringify({ ...result, runs: [failed, result.runs[1]] }));
  rmSync(join(part, 'runs', failed.id, 'result.json'));
  const merged = join(folder.path, 'failed-merged');
  const { exitCode } = await stalemate(['campaign', matrix, '--merge', part, '--out', merged]);
  expect(exitCode).toBe(2);
  expect(resultIn(only(merged)).runs).toEqual([failed, result.runs[1]]);
}, 60_000);

test('a run that failed after its verdict is unknown, and is run again by whoever goes on', async () => {
  const matrix = join(folder.path, 'no-room.json');
  writeFileSync(matrix, JSON.stringify({ ...ONE_CELL, name: 'no-room', time: '2s', rate: '20/s', keys: 1, seeds: 1 }));
  const out = join(folder.path, 'no-room');
  const { execa } = await import('execa');
  // A report is larger than any other file of so small a run: with this limit all are written but that one.
  const limited = ['-c', 'ulimit -f 96; exec "$@"', 'sh', ...commandLine('campaign', matrix, '--out', out)];
  const { exitCode } = await execa('sh', limited, { reject: false, env: { CI: '1' } });
  expect(exitCode).toBe(2);
  const [run] = resultIn(only(out)).runs;
  expect(run).toMatchObject({ verdict: 'unknown', report: null, reason: expect.stringContaining('EFBIG') as string });
  const path = join(only(out), 'runs', run!.id);
  expect(existsSync(join(path, 'check.json'))).toBe(true);
  rmSync(join(only(out), 'result.json'));
  const again = await stalemate(['campaign', matrix, '--out', out]);
  expect(again.stdout).toContain('0 of 1 run are there');
  expect(resultIn(only(out)).runs[0]).toMatchObject({ verdict: 'linearizable', reason: null });
}, 60_000);

test('a summary file that cannot be written is said, and changes no verdict', async () => {
  const matrix = join(folder.path, 'one-cell.json');
  writeFileSync(matrix, JSON.stringify({ ...ONE_CELL, seeds: 1 }));
  const { execa } = await import('execa');
  const [program, ...args] = commandLine('campaign', matrix, '--out', join(folder.path, 'no-summary'));
  const { stdout, exitCode } = await execa(program, args, {
    reject: false,
    env: { CI: '1', GITHUB_STEP_SUMMARY: folder.path },
  });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^warning: GITHUB_STEP_SUMMARY .*: cannot be written \(EISDIR\); it is in .*summary\.md$/m);
}, 60_000);

test('what one run brings down ends all: none is begun after it', async () => {
  const matrix = join(folder.path, 'one-cell.json');
  writeFileSync(matrix, JSON.stringify(ONE_CELL));
  const out = join(folder.path, 'damaged');
  await stalemate(['campaign', matrix, '--shard', '1/6', '--out', out]);
  const path = only(out);
  rmSync(join(path, 'result.json'));
  const asked = JSON.parse(readFileSync(join(path, 'campaign.json'), 'utf8')) as object;
  writeFileSync(join(path, 'campaign.json'), JSON.stringify({ ...asked, shard: null }));
  writeFileSync(join(path, 'runs', 'raft-read-index-none-1', 'result.json'), '{"format":');
  const { exitCode, stderr } = await stalemate(['campaign', matrix, '--jobs', '2', '--out', out]);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 254, stderr: expect.stringMatching(/not JSON/) as string });
  expect(readdirSync(join(path, 'runs'))).toEqual(['raft-read-index-none-1']);
}, 60_000);

test('a dozen at a time, without a warning', async () => {
  const matrix = join(folder.path, 'dozen.json');
  writeFileSync(matrix, JSON.stringify({ ...ONE_CELL, time: '1s', seeds: 12 }));
  const { stderr } = await stalemate(['campaign', matrix, '--jobs', '12', '--out', join(folder.path, 'dozen')]);
  expect(stderr).toBe('');
}, 60_000);

test('what a campaign with the same process number left behind is in nobody’s way', async () => {
  const document = readDocument({ ...ONE_CELL, seeds: 1 }, 'one-cell.json');
  const [planned] = runsOf(
    document,
    cellsOf(document, () => true),
  );
  const path = campaignFolder(join(folder.path, 'same-number'));
  mkdirSync(join(path.unfinished, String(process.pid), planned!.id), { recursive: true });
  mkdirSync(path.runs);
  const { signal } = new AbortController();
  const run = await campaignRun(planned!, { folder: path, world: 'simulator', signal });
  expect(run).toMatchObject({ verdict: 'linearizable', reason: null });
}, 60_000);

test('on a CI server: the summary is appended, and surprises of both kinds are annotated', async () => {
  const bad = join(folder.path, 'bad.yaml');
  // The correct node is not caught where it must be; a broken one is, where it never may.
  const declared = [
    { systems: 'raft', reads: 'read-index', faults: 'kill', expect: 'must' },
    { systems: 'raft M30', reads: 'local', faults: 'kill', expect: 'never' },
  ];
  const [matrix] = MATRIX.split('expect:');
  writeFileSync(
    bad,
    `${matrix!.replace('little', 'never-caught').replace('seeds: 2', 'seeds: 1')}expect: ${JSON.stringify(declared)}\n`,
  );
  const summary = join(folder.path, 'step.md');
  writeFileSync(summary, 'before\n');
  const { execa } = await import('execa');
  const [program, ...args] = commandLine('campaign', bad, '--out', join(folder.path, 'ci'));
  const { stdout, exitCode } = await execa(program, args, {
    reject: false,
    env: { CI: '1', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary },
  });
  expect(exitCode).toBe(1);
  expect(stdout.match(/^::(?:error|warning) title=.*?::/gm)).toEqual([
    '::error title=Not linearizable%3A raft M30 local × kill::',
    '::error title=Nothing found%3A raft read-index × kill::',
  ]);
  expect(readFileSync(summary, 'utf8')).toMatch(/^before\n## ✕ /);
}, 120_000);

test('a file in place of the output folder: one line, exit 254', async () => {
  const { exitCode, stderr } = await stalemate(['campaign', file, '--out', file]);
  expect(exitCode).toBe(254);
  expect(stderr).toMatch(/^stalemate: .*little\.yaml: cannot be read \(ENOTDIR\).*$/);
});

test.each([
  ['no file', ['campaign'], /campaign needs a file/],
  ['a file that is not there', ['campaign', '/nowhere.yaml'], /\/nowhere\.yaml: cannot be read \(ENOENT\)/],
  ['no YAML', ['campaign', 'broken.yaml'], /broken\.yaml:3: /],
  ['a name for nothing', ['campaign', 'alias.yaml'], /alias\.yaml: Unresolved alias/],
  ['a fault that there is not', ['campaign', 'fault.yaml'], /fault\.yaml: .*meteor/],
  ['a mutant that there is not', ['campaign', 'mutant.yaml'], /mutant\.yaml: .*M99/],
  ['a part of nothing', ['campaign', 'little.yaml', '--shard', '3/2'], /--shard 3\/2/],
  ['parts of a part', ['campaign', 'little.yaml', '--shard', '1/2', '--merge', 'x'], /--merge with --shard/],
  ['parts that are none', ['campaign', 'little.yaml', '--merge', '/nowhere'], /\/nowhere: not a campaign/],
  ['a part that is a file', ['campaign', 'little.yaml', '--merge', 'little.yaml'], /little\.yaml: not a campaign/],
])('%s: one line, exit 254, nothing started', async (_, args, words) => {
  const files = {
    'broken.yaml': 'name: x\nreads: [local\nfaults: none\n',
    'alias.yaml': 'name: x\nfaults: [*all]\n',
    'fault.yaml': 'name: x\nfaults: meteor\n',
    'mutant.yaml': 'name: x\nsystems: raft M99\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  const out = join(folder.path, 'refused');
  mkdirSync(out, { recursive: true });
  const named = args.map((word) => (/^\w+\.yaml$/.test(word) ? join(folder.path, word) : word));
  const { exitCode, stdout, stderr } = await stalemate([...named, ...(args.length > 1 ? ['--out', out] : [])]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 254, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(words);
  expect(readdirSync(out)).toEqual([]);
});
