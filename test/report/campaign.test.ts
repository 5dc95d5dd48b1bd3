/** What a campaign's result becomes: JUnit, summary, annotations, page. Values come from a system under test and are never trusted. */
import { describe, expect, test } from 'vitest';
import { annotations, campaignPage, headlineOf, junit, stepSummary } from '../../src/report/index.ts';
import { cellResults, exitOf } from '../../src/campaign/index.ts';
import type { CampaignResult, CampaignRun, Cell } from '../../src/contract/index.ts';

const EVIL = '</script><img src=x onerror=alert(1)> ::error::|`*%0A "\'&\u0007';

const CELLS: readonly Cell[] = [
  { id: 'a', system: 'raft', reads: 'local', faults: 'none', expectation: 'may' },
  { id: 'b', system: 'raft', reads: 'log', faults: 'kill', expectation: 'never' },
  { id: 'c', system: 'raft M30', reads: 'log', faults: 'kill', expectation: 'must' },
];

function run(cell: string, nth: number, verdict: CampaignRun['verdict'], sentence: string | null = null): CampaignRun {
  return {
    id: `${cell}-${nth}`,
    cell,
    seed: `s-${nth}`,
    verdict,
    reason: verdict === 'unknown' ? 'vacuous: nothing happened' : null,
    class: sentence === null ? null : 'stale-read',
    anomalies: sentence === null ? 0 : 2,
    sentence,
    minimal: sentence === null ? [] : [`  client 0 → n1  write x = ${EVIL}`, '✕ client 1 → n2  read x → 4'],
    worstStaleMs: sentence === null ? null : 318,
    operations: 1000,
    seconds: 1.5,
    command: `npx stalemate run --seed s-${nth}`,
    report: `runs/${cell}-${nth}/report.html#a1`,
  };
}

function resultOf(runs: readonly CampaignRun[]): CampaignResult {
  const cells = cellResults(CELLS, runs, { isPart: false });
  return {
    format: 1,
    campaign: 'nightly',
    version: '0.1.0',
    seed: 'n',
    exit: exitOf(cells, false),
    interrupted: false,
    shard: null,
    startedMs: Date.UTC(2026, 10, 30),
    about: 'simulated, 3 cells',
    cells,
    runs,
  };
}

const CLEAN = resultOf([
  run('a', 1, 'not-linearizable', 'known to be stale'),
  run('b', 1, 'linearizable'),
  run('c', 1, 'not-linearizable', 'caught'),
]);
const BAD = resultOf([
  run('a', 1, 'unknown'),
  run('b', 1, 'not-linearizable', EVIL),
  run('b', 2, 'linearizable'),
  run('c', 1, 'linearizable'),
]);

describe('JUnit', () => {
  const attribute = (xml: string, name: string): number =>
    Number(new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`).exec(xml)![1]);
  const times = (xml: string, pattern: RegExp): number => xml.match(pattern)?.length ?? 0;

  test.each([
    ['clean', CLEAN, { tests: 4, failures: 0, errors: 0 }],
    ['bad', BAD, { tests: 5, failures: 2, errors: 1 }],
  ])('%s: counts that add up, in all suites together and in what stands there', (_, result, wanted) => {
    const xml = junit(result);
    expect({
      tests: attribute(xml, 'tests'),
      failures: attribute(xml, 'failures'),
      errors: attribute(xml, 'errors'),
    }).toEqual(wanted);
    expect(times(xml, /<testcase\b/g)).toBe(wanted.tests);
    expect(times(xml, /<failure\b/g)).toBe(wanted.failures);
    expect(times(xml, /<error\b/g)).toBe(wanted.errors);
    const suites = [...xml.matchAll(/<testsuite [^>]*tests="(\d+)"/g)].map(([, tests]) => Number(tests));
    expect(suites.reduce((sum, it) => sum + it, 0)).toBe(wanted.tests);
  });

  test('a violation that must appear is not missing as long as a run could not be decided', () => {
    const undecided = resultOf([
      run('a', 1, 'linearizable'),
      run('b', 1, 'linearizable'),
      run('c', 1, 'linearizable'),
      run('c', 2, 'unknown'),
    ]);
    expect(undecided.exit).toBe(2);
    const xml = junit(undecided);
    expect([attribute(xml, 'failures'), attribute(xml, 'errors')]).toEqual([0, 2]);
    expect(times(xml, /<error\b/g)).toBe(2);
    expect(wellFormed(xml)).toBe(null);
  });

  test('a declared violation passes and says so; the sentence is the identical string', () => {
    expect(junit(CLEAN)).toContain('<system-out>violation as declared: known to be stale</system-out>');
  });

  test('it is XML whatever values hold', () => {
    const xml = junit(BAD);
    expect(wellFormed(xml)).toBe(null);
    expect(wellFormed(xml.replace('</testsuites>', ''))).not.toBe(null);
    expect(xml).not.toContain('<img');
  });
});

/** Null, or what is wrong: every tag is closed in its order, and text holds none. */
function wellFormed(xml: string): string | null {
  const open: string[] = [];
  const rest = xml
    .replace(/^<\?xml[^>]*\?>/, '')
    .replace(
      /<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/g,
      (_, slash: string, name: string, __, self: string) => {
        if (slash === '/') {
          if (open.pop() !== name) open.push(`not closed before ${name}`, '!');
        } else if (self !== '/') open.push(name);
        return '';
      },
    );
  if (/[<>]/.test(rest)) return `stray ${/.{0,20}[<>].{0,20}/.exec(rest)![0]}`;
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000b-\u001f]/.test(xml)) return 'a control character';
  return open.length === 0 ? null : open.join(' ');
}

describe('for GitHub', () => {
  test('annotations: surprises first, then what is not known, each on one line and escaped', () => {
    const lines = annotations(BAD);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^::error title=Not linearizable%3A raft log × kill::/);
    expect(lines[1]).toMatch(/^::error title=Nothing found%3A raft M30 log × kill::no violation in 1 run,/);
    expect(lines[2]).toMatch(/^::warning title=Unknown%3A raft local × none::vacuous/);
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    expect(lines[0]).toContain('%250A');
    expect(annotations(CLEAN)).toEqual([]);
  });

  test('at most ten, the last of which counts the others', () => {
    const many = resultOf(Array.from({ length: 30 }, (_, nth) => run('b', nth, 'not-linearizable', `nth ${nth}`)));
    const lines = annotations({ ...many, cells: many.cells.filter(({ id }) => id === 'b') });
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe('::notice title=More::21 more: see the report');
  });

  test('the summary: headline, sentence, shortest history, matrix, command; nothing in it is Markdown or HTML of the system under test', () => {
    const words = stepSummary(BAD);
    expect(words).toContain('## ✕ raft was not linearizable with log reads under kill');
    expect(words).toContain('| raft · log |  | **✕ 1 of 2, not declared** |');
    expect(words).toContain('**✓ 0 of 1, one must appear**');
    expect(words).toContain('npx stalemate run --seed s-1');
    expect(words.split('```')[0]).not.toContain('<img');
    expect(stepSummary(CLEAN)).toContain('## ✓ Everything went as declared, in 3 runs');
  });

  test('it is at most 200 KB, and says what was cut off', () => {
    const long = { ...run('b', 1, 'not-linearizable', 'x'.repeat(300_000)) };
    const words = stepSummary(resultOf([long]));
    expect(Buffer.byteLength(words)).toBeLessThanOrEqual(200_000);
    expect(words).toMatch(/cut off: the rest is in the report/);
  });
});

describe('the page', () => {
  test('names the surprise, links the run, and holds no foreign tag', () => {
    const page = campaignPage(BAD, []);
    expect(page).toMatch(/<title>✕ raft was not linearizable/);
    expect(page).toContain('href="runs/b-1/report.html#a1"');
    expect(page).not.toContain('<img');
    expect(page.match(/<script>/g)).toHaveLength(1);
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  });

  test.each([
    ['declared', CLEAN, '✓', 'Everything went as declared'],
    ['a surprise', BAD, '✕', 'where that was never to happen'],
    [
      'nothing found that must be',
      resultOf([run('a', 1, 'linearizable'), run('b', 1, 'linearizable'), run('c', 1, 'linearizable')]),
      '✕',
      'was to be caught, and was not',
    ],
    [
      'not known',
      resultOf([run('a', 1, 'linearizable'), run('b', 1, 'unknown'), run('c', 1, 'not-linearizable', 'caught')]),
      '?',
      '1 run of 3 could not be decided',
    ],
    [
      'not run',
      resultOf([run('a', 1, 'linearizable'), run('c', 1, 'not-linearizable', 'caught')]),
      '?',
      '1 cell of 3 had no run',
    ],
  ])('%s', (_, result, symbol, words) => {
    const { symbol: shown, headline } = headlineOf(result);
    expect([shown, headline]).toEqual([symbol, expect.stringContaining(words)]);
    expect(campaignPage(result, [])).toContain(`<title>${symbol} `);
  });

  test('earlier campaigns are drawn, the last fourteen; rows that never violated anything are counted, not drawn', () => {
    const page = campaignPage(
      CLEAN,
      Array.from({ length: 20 }, (_, nth) => ({ ...CLEAN, startedMs: nth * 86_400_000 })),
    );
    expect(page).toContain('The last 14 campaigns');
    expect(page).toContain('1 row of 3 without any, ever');
    expect(page.match(/<polyline/g)).toHaveLength(2);
  });
});
