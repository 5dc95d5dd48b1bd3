/** A campaign's file, its matrix, and what its runs come to. */
import { describe, expect, test } from 'vitest';
import { cellResults, cellsOf, exitOf, parseShard, readDocument, runsOf, shardOf } from '../../src/campaign/index.ts';
import type { CampaignRun, Cell, Expectation } from '../../src/contract/index.ts';

const isLinearizable = (reads: string): boolean => reads !== 'local';

const FILE = {
  name: 'nightly',
  seeds: 3,
  nodes: 3,
  time: '5s',
  systems: ['raft', 'raft M30'],
  reads: ['local', 'read-index'],
  faults: ['none', 'pause,kill'],
  expect: [
    { systems: ['raft M30'], expect: 'must' },
    { systems: ['raft M30'], faults: 'none', expect: 'may' },
  ],
};

function runOf(cell: Cell, id: string, verdict: CampaignRun['verdict'], more: Partial<CampaignRun> = {}): CampaignRun {
  const isBad = verdict === 'not-linearizable';
  return {
    id,
    cell: cell.id,
    seed: id,
    verdict,
    reason: verdict === 'unknown' ? 'vacuous' : null,
    class: isBad ? 'stale-read' : null,
    anomalies: isBad ? 1 : 0,
    sentence: isBad ? `sentence of ${id}` : null,
    minimal: [],
    worstStaleMs: null,
    operations: 10,
    seconds: 1,
    command: `npx stalemate run --seed ${id}`,
    report: `runs/${id}/report.html`,
    ...more,
  };
}

describe('the file', () => {
  test('defaults: one run of the correct node on real processes, seeded by its name', () => {
    const document = readDocument({ name: 'n' }, 'c.yaml');
    expect(document).toMatchObject({ world: 'processes', seed: 'n', seeds: 1, systems: ['raft'], faults: ['none'] });
    expect(runsOf(document, cellsOf(document, isLinearizable)).map(({ flags }) => flags)).toEqual([
      { system: 'raft', reads: 'read-index', faults: 'none', seed: 'n-1' },
    ]);
  });

  test('each system is asked for the read modes that it has; a mode that none has stays, to be refused by name', () => {
    const modes: Readonly<Record<string, readonly string[]>> = { raft: ['log', 'local'], etcd: ['serializable'] };
    const document = readDocument(
      { name: 'n', systems: ['raft M30', 'etcd'], reads: ['log', 'local', 'serializable', 'lokal'] },
      'c.yaml',
    );
    const cells = cellsOf(
      document,
      (reads, system) => `${system} ${reads}` === 'raft log',
      (system, reads) => modes[system]!.includes(reads),
    );
    expect(cells.map(({ id }) => id)).toEqual([
      'raft_M30-log-none',
      'raft_M30-local-none',
      'raft_M30-lokal-none',
      'etcd-serializable-none',
      'etcd-lokal-none',
    ]);
  });

  test('flags of run hold for every cell; numbers are words', () => {
    const document = readDocument({ name: 'n', nodes: 5, time: '5s', rate: '100/s' }, 'c.yaml');
    expect(document.flags).toEqual({ nodes: '5', time: '5s', rate: '100/s' });
  });

  test.each([
    ['no mapping', [1], /c\.yaml: the file is no mapping/],
    ['no name', {}, /name is missing/],
    ['a name that is no word', { name: '../x' }, /name is missing or no plain word/],
    ['a field that there is not', { name: 'n', fautls: [] }, /fautls is no field/],
    ['no runs', { name: 'n', seeds: 0 }, /seeds is no number of runs/],
    ['another world', { name: 'n', world: 'moon' }, /world is neither/],
    ['an empty list', { name: 'n', reads: [] }, /reads is empty/],
    ['one thing twice', { name: 'n', reads: ['log', 'log'] }, /reads names log twice/],
    ['a system of three words', { name: 'n', systems: 'raft M30 x' }, /systems holds raft M30 x/],
    ['a list in a list', { name: 'n', faults: [['kill']] }, /faults holds something that is no word/],
    ['no expectation', { name: 'n', expect: [{ reads: 'log' }] }, /expect\[0\]\.expect is missing/],
    [
      'an expectation of what is not run',
      { name: 'n', reads: ['log'], expect: [{ reads: 'local', expect: 'may' }] },
      /expect\[0\]\.reads names local, which is not in reads/,
    ],
  ])('%s is refused, with its place', (_, file, words) => {
    expect(() => readDocument(file, 'c.yaml')).toThrow(words);
  });
});

describe('the matrix', () => {
  const document = readDocument(FILE, 'c.yaml');
  const cells = cellsOf(document, isLinearizable);
  const runs = runsOf(document, cells);

  test('every system, read mode and fault; the last declaration wins, else promises decide', () => {
    expect(cells.map(({ id, expectation }) => [id, expectation])).toEqual([
      ['raft-local-none', 'may'],
      ['raft-local-pause+kill', 'may'],
      ['raft-read-index-none', 'never'],
      ['raft-read-index-pause+kill', 'never'],
      ['raft_M30-local-none', 'may'],
      ['raft_M30-local-pause+kill', 'must'],
      ['raft_M30-read-index-none', 'may'],
      ['raft_M30-read-index-pause+kill', 'must'],
    ]);
  });

  test('the nth run has one seed in all cells, and a mutant is a flag', () => {
    expect(runs).toHaveLength(24);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(24);
    expect(new Set(runs.map(({ flags }) => flags['seed']))).toEqual(new Set(['nightly-1', 'nightly-2', 'nightly-3']));
    expect(runs.at(-1)!.flags).toMatchObject({ system: 'raft', mutant: 'M30', reads: 'read-index', nodes: '3' });
    expect(runs[0]!.flags).not.toHaveProperty('mutant');
  });

  test.each([1, 2, 3, 5, 24, 30])('%d parts are the whole, each run once', (of) => {
    const parts = Array.from({ length: of }, (_, i) => shardOf(runs, { nth: i + 1, of }));
    expect(
      parts
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(runs.map(({ id }) => id).toSorted());
    expect(Math.max(...parts.map((part) => part.length)) - Math.min(...parts.map((part) => part.length))).toBeLessThan(
      2,
    );
  });

  test('a part is n/m', () => {
    expect(parseShard('2/3')).toEqual({ nth: 2, of: 3 });
    for (const word of ['0/3', '4/3', '1', '1/0', 'a/b', '1/2/3']) expect(() => parseShard(word)).toThrow(/--shard/);
  });
});

describe('what runs come to', () => {
  const cell = (expectation: Expectation): Cell => ({
    id: expectation,
    system: 'raft',
    reads: 'local',
    faults: 'none',
    expectation,
  });
  const state = (expectation: Expectation, verdicts: readonly CampaignRun['verdict'][], isPart = false): unknown => {
    const its = verdicts.map((verdict, i) => runOf(cell(expectation), `r${i}`, verdict));
    const cells = cellResults([cell(expectation)], its, { isPart });
    return [cells[0]?.state, exitOf(cells, false)];
  };
  const [OK, BAD, UNKNOWN] = ['linearizable', 'not-linearizable', 'unknown'] as const;

  test.each([
    ['never', [OK, OK], ['ok', 0]],
    ['never', [OK, BAD], ['unexpected', 1]],
    ['never', [UNKNOWN, OK], ['unknown', 2]],
    ['never', [UNKNOWN, BAD], ['unexpected', 1]],
    ['never', [], ['unknown', 2]],
    ['may', [OK, BAD], ['expected', 0]],
    ['may', [OK, OK], ['ok', 0]],
    ['may', [BAD, UNKNOWN], ['expected', 2]],
    ['must', [OK, BAD], ['expected', 0]],
    ['must', [OK, OK], ['unexpected', 1]],
    ['must', [OK, UNKNOWN], ['unknown', 2]],
  ] as const)('%s, %j: %j', (expectation, verdicts, wanted) => {
    expect(state(expectation, verdicts)).toEqual(wanted);
  });

  test('a part cannot say that what must happen did not, and leaves out what it did not run', () => {
    expect(state('must', [OK], true)).toEqual(['ok', 0]);
    expect(state('never', [], true)).toEqual([undefined, 0]);
  });

  test('an interrupt is its own code', () => {
    expect(exitOf(cellResults([cell('never')], [runOf(cell('never'), 'r', BAD)], { isPart: false }), true)).toBe(130);
  });

  test('an invariant that broke is a violation, whatever clients saw', () => {
    const broken = runOf(cell('never'), 'r', OK, { class: 'election-safety', sentence: 'two leaders' });
    expect(cellResults([cell('never')], [broken], { isPart: false })[0]).toMatchObject({
      violations: 1,
      state: 'unexpected',
    });
  });

  test('the worst run: a violation, the stalest first; then what is not known', () => {
    const worst = (runs: readonly CampaignRun[]): unknown =>
      cellResults([cell('may')], runs, { isPart: false })[0]!.worst;
    const stale = (id: string, ms: number): CampaignRun => runOf(cell('may'), id, BAD, { worstStaleMs: ms });
    expect(worst([runOf(cell('may'), 'a', OK), runOf(cell('may'), 'b', UNKNOWN)])).toBe('b');
    expect(worst([runOf(cell('may'), 'b', UNKNOWN), stale('c', 5), stale('d', 50)])).toBe('d');
  });
});
