/** `stalemate notes` as its users run it: answers, the same numbers again, a campaign that was cut short, a broken rule, what is refused. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answers, HistoryLine, RunResult } from '../../src/contract/index.ts';
import { commandLine, processesNaming, resultsFolder, stalemate, startInGroup, until } from './program.ts';

let folder: ReturnType<typeof resultsFolder>;
beforeAll(() => {
  folder = resultsFolder();
});
afterAll(() => {
  folder.remove();
});

const foldersIn = (out: string): readonly string[] => readdirSync(out).map((name) => join(out, name));
const read = <T>(...path: readonly string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;

/** What a seed settles: everything but times of this machine, and what real processes did. */
function settled({ cards }: Answers): unknown {
  return cards.map(({ id, status, answer, claims, figures, ablations }) => ({
    id,
    status,
    answer,
    claims,
    figures,
    ablations,
  }));
}

test('real processes and the simulator: the old leader is asked, and every link is to an operation of a run', async () => {
  const out = join(folder.path, 'real');
  const done = await stalemate(['notes', '--quick', '--only', 's10', '--out', out, '--json']);
  const answers = JSON.parse(done.stdout) as Answers;
  expect(done.exitCode, done.stderr).toBe(0);
  const [card] = answers.cards;
  expect(card).toMatchObject({ id: 'S10', status: 'answered', lines: '29-31', runs: { real: 2, simulated: 180 } });
  const [at] = foldersIn(out);
  expect(read<Answers>(at!, 'answers.json')).toEqual(answers);
  expect(readFileSync(join(at!, 'answers.html'), 'utf8')).toContain('Its reads are stale');
  const links = card!.links.map(({ href, world, operation }) => ({ href, world, operation }));
  expect(links).toEqual([
    { href: 'runs/S10-real-believes-itself-0/report.html#op-5', world: 'processes', operation: 'read x = 1' },
    { href: 'runs/S10-real-asks-first-0/report.html#op-5', world: 'processes', operation: 'read x, unknown' },
  ]);
  const verdicts = ['S10-real-believes-itself-0', 'S10-real-asks-first-0'].map(
    (name) => read<RunResult>(at!, 'runs', name, 'result.json').verdict,
  );
  expect(verdicts).toEqual(['not-linearizable', 'linearizable']);
  const lines = readFileSync(join(at!, 'runs/S10-real-believes-itself-0/history.jsonl'), 'utf8').trim().split('\n');
  const asked = lines.map((line) => JSON.parse(line) as HistoryLine).find(({ index }) => index === 5);
  expect(asked).toMatchObject({ type: 'invoke', f: 'read', key: 'x' });
  expect(processesNaming(at!)).toEqual([]);
});

test('the same seed gives the same numbers, on one thread and on two; another one gives others', async () => {
  const measured = async (seed: string, jobs: string): Promise<Answers> => {
    const out = join(folder.path, `${seed}-${jobs}`);
    const flags = ['--only', 'S08,S24', '--quick', '--seed', seed, '--jobs', jobs, '--out', out, '--json', '--quiet'];
    return JSON.parse((await stalemate(['notes', ...flags])).stdout) as Answers;
  };
  const [one, two, other] = [await measured('a', '1'), await measured('a', '2'), await measured('b', '2')];
  expect(one.cards.map(({ status }) => status)).toEqual(['correction', 'correction']);
  expect(settled(two)).toEqual(settled(one));
  expect(settled(other)).not.toEqual(settled(one));
  expect(one.cards[1]!.command).toBe('npx stalemate notes --only S24 --quick --seed a');
});

test('with the decisive rule broken the card turns, and so does the exit code', async () => {
  const out = join(folder.path, 'broken');
  const done = await stalemate(['notes', '--quick', '--only', 'S04', '--mutant', 'M04', '--out', out]);
  expect(done.exitCode).toBe(1);
  expect(done.stdout).toContain('Not as expected');
  const { cards, mutant } = read<Answers>(foldersIn(out)[0]!, 'answers.json');
  expect(mutant).toBe('M04');
  expect(cards[0]!.status).toBe('not-as-expected');
  expect(cards[0]!.claims.filter(({ holds }) => !holds).length).toBeGreaterThan(0);
});

test('one that is killed is gone on with by the same command, and comes to the same', async () => {
  const out = join(folder.path, 'killed');
  const flags = ['notes', '--quick', '--only', 'S13', '--seed', 'again', '--out', out, '--json', '--quiet'];
  const first = startInGroup(commandLine(...flags));
  const trials = (): number => {
    const [at] = existsSync(out) ? foldersIn(out) : [];
    const file = at === undefined ? '' : join(at, 'trials.jsonl');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
  };
  await until('some trials', 60_000, () => trials() > 10);
  first.kill('SIGKILL');
  await first;
  const before = trials();
  expect(before).toBeLessThan(120);
  const done = await stalemate(flags);
  expect(done.exitCode).toBe(0);
  expect(done.stderr).toContain('going on where it stopped');
  expect(foldersIn(out)).toHaveLength(1);
  expect(trials()).toBe(120);
  expect((JSON.parse(done.stdout) as Answers).earlierRuns).toBe(before);
  const whole = JSON.parse(
    (await stalemate([...flags.slice(0, -4), '--out', join(folder.path, 'whole'), '--json', '--quiet'])).stdout,
  ) as Answers;
  expect(settled(JSON.parse(done.stdout) as Answers)).toEqual(settled(whole));
});

test('Ctrl-C leaves a page that says what was not tested, and 130', async () => {
  const out = join(folder.path, 'interrupted');
  const going = startInGroup(commandLine('notes', '--quick', '--only', 'S04,S18', '--out', out));
  await until(
    'a folder',
    30_000,
    () => existsSync(out) && foldersIn(out).some((at) => existsSync(join(at, 'trials.jsonl'))),
  );
  process.kill(-going.pid!, 'SIGINT');
  const { exitCode } = await going;
  expect(exitCode).toBe(130);
  const [at] = foldersIn(out);
  expect(readFileSync(join(at!, 'answers.html'), 'utf8')).toContain('Not yet tested');
  // The same command goes on there.
  expect(existsSync(join(at!, 'answers.json'))).toBe(false);
});

test.each([
  [['--only', 'S25'], /no such note.*did you mean S2/],
  [['--only', 'stale'], /no such note/],
  [['--mutant', 'M99'], /no such mutant/],
  [['--seed', ''], /--seed/],
  [['--jobs', '0'], /--jobs 0/],
])('%j is refused in one line, before anything is made', async (flags, words) => {
  const out = join(folder.path, 'refused');
  const { exitCode, stderr } = await stalemate(['notes', ...flags, '--out', out]);
  expect(exitCode).toBe(254);
  expect(stderr).toMatch(words);
  expect(existsSync(out)).toBe(false);
});
