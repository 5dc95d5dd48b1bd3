/** The page agrees with its data: numbers, symbols, escaping, size. Parsed as text: nothing here runs a browser. */
import { expect, test } from 'vitest';
import { check, DEFAULT_BUDGET, readHistory, register, type Verdict } from '../../checker/index.ts';
import { escape } from '../../src/report/escape.ts';
import { agesOf, renderCheckReport, renderReport, type ReportData } from '../../src/report/index.ts';
import { CUT_NS, HEAL_NS, operation, quietRun, staleRun } from './fixture.ts';

const stale = staleRun();
const page = renderReport(stale);
const first = stale.result.anomalies[0]!;

test('the first heading is the sentence, word for word', () => {
  expect(textOf(between(page, '<h1>', '</h1>'))).toBe(first.sentence);
});

test('the title begins with the symbol of the verdict', () => {
  const quiet = quietRun();
  const unknown = {
    ...quiet,
    result: { ...quiet.result, verdict: 'unknown', reason: 'vacuous: no fault held' },
  } as const;
  expect(
    [page, renderReport(quiet), renderReport(unknown)].map((html) => between(html, '<title>', '</title>')[0]),
  ).toEqual(['✕', '✓', '?']);
});

test('the bracket spans from the newer acknowledgement to the bad read and says the gap', () => {
  const gap = /<g\s+class="gap"\s+data-from-ns="(\d+)"\s+data-to-ns="(\d+)"\s+data-gap-ns="(\d+)"/.exec(page)!;
  const newer = stale.history.operations.find(({ id }) => id === first.newer!.operation)!;
  const read = stale.history.operations.find(({ id }) => id === first.operation)!;
  expect(newer.outcome).toMatchObject({ returnNs: Number(gap[1]) });
  expect(Number(gap[2])).toBe(read.callNs);
  expect(Number(gap[3])).toBe(read.callNs - Number(gap[1]));
  expect(first.sentence).toContain(`${Math.round(Number(gap[3]) / 1e6)} ms`);
  expect(textOf(between(page, 'class="gap"', '</g>'))).toContain(`${Math.round(Number(gap[3]) / 1e6)} ms`);
});

test('every operation drawn has one anchor and says what it did', () => {
  const ids = [...page.matchAll(/<a\s+id="op-(\d+)"\s+href="#op-(\d+)"/g)];
  expect(ids.length).toBeGreaterThan(40);
  expect(new Set(ids.map(([, id]) => id)).size).toBe(ids.length);
  expect(ids.every(([, id, href]) => id === href)).toBe(true);
  for (const { operation: kept } of first.minimal.slice(1)) expect(ids.map(([, id]) => id)).toContain(String(kept.id));
  const bad = textOf(between(page, `id="op-${first.operation}"`, '</title>'));
  expect(bad).toContain('read x → 55');
  expect(bad).toContain('client 7 → n1');
  expect(bad).toContain('fits in no order');
});

test('beside the nodes stands how far their clocks may be off, or that nobody knows', () => {
  const told = (clockErrorsMs: ReportData['result']['clockErrorsMs'] | null): string => {
    const result = clockErrorsMs === null ? stale.result : { ...stale.result, clockErrorsMs: clockErrorsMs! };
    return textOf(between(renderReport({ ...stale, result }), 'Where each node stood at', '</p>'));
  };
  expect(told(null)).toContain('clock error not measured');
  expect(told({})).toContain('clock error not measured');
  expect(told({ n1: 0.2, n2: 0.714, n3: 0.1 })).toContain('clock error ≤ 0.71 ms');
  expect(told('asked')).toContain('clock error 0, since whoever asked the nodes wrote them');
  expect(told('shared')).toContain('clock error 0 by construction');
});

test('no id stands twice', () => {
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test('every link inside the page has its target', () => {
  const ids = new Set([...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
  expect(links.length).toBeGreaterThan(40);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
});

test('the window holds the bad read and the time line stands at its invocation', () => {
  const window = /data-from-ns="([\d.]+)"\s+data-to-ns="([\d.]+)"\s+data-at-ns="(\d+)"/.exec(page)!;
  const read = first.minimal.at(-1)!.operation;
  expect(Number(window[3])).toBe(read.callNs);
  expect(Number(window[1])).toBeLessThan(first.newer!.sinceNs);
  expect(Number(window[2])).toBeGreaterThan(read.callNs);
});

test('the deposed leader is striped, in its old term, and the answer names it', () => {
  expect(page).toMatch(/class="role deposed"[^>]*data-term="3"/);
  expect(textOf(page)).toContain(
    'n1 had been deposed and did not know. n3 won term 4 at 4.500 s; n1, still leading term 3',
  );
});

test('the node table gives each node its state at the bad read', () => {
  const row = textOf(between(page, '<tr class="hi" data-node="n1">', '</tr>'));
  expect(row).toContain('n1 leader deposed 255 ms ago · cut off · answered 3 56 56 / 3 55');
  expect(textOf(between(page, '<tr data-node="n3">', '</tr>'))).toContain('n3 leader 4 63 63 / 4 61');
});

test('the proof says what the read had to return, and what may be taken away', () => {
  expect(textOf(between(page, 'class="step bad"', '</li>'))).toContain(
    `must return ${JSON.stringify(first.newer!.value)}`,
  );
  expect(textOf(between(page, 'class="concl"', '</p>'))).toContain('Take away operation 2 or 3');
});

test('groups of anomalies add up to all of them', () => {
  const sizes = [...page.matchAll(/<em class="num"\s*>(\d+) read/g)].map(([, size]) => Number(size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(stale.result.anomalies.length);
  expect(textOf(page)).toContain(`${stale.result.anomalies.length} stale reads`);
});

test('every kind of anomaly is told whole, and one operation may stand in two pictures', () => {
  const second = { ...first, id: 'a2', class: 'lost-update', sentence: 'An update was lost.' } as const;
  const html = renderReport({ ...stale, result: { ...stale.result, anomalies: [first, second] } });
  const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  expect(ids).toEqual(expect.arrayContaining([`op-${first.operation}`, `a2-op-${first.operation}`]));
  expect([...html.matchAll(/<h1\s*>(.*?)<\/h1/gs)].map(([, text]) => textOf(`<h1>${text}`))).toEqual([
    first.sentence,
    'An update was lost.',
  ]);
});

test('a passing run says how many reads were right and shows the fault that changed the leader', () => {
  const data = quietRun();
  const quiet = renderReport(data);
  expect(textOf(between(quiet, '<h1>', '</h1>'))).toBe(`No incorrect read in ${data.result.ops.reads} reads.`);
  const window = /data-from-ns="([\d.]+)"\s+data-to-ns="([\d.]+)"/.exec(quiet)!;
  expect(Number(window[1])).toBeLessThan(CUT_NS);
  expect(Number(window[2])).toBeGreaterThan(HEAL_NS);
  expect(quiet).not.toMatch(/class="[^"]*\bbad\b/);
  expect(quiet).not.toContain('class="gap"');
});

test('the quiet fixture is linearizable and the stale one is not, by the checker itself', () => {
  const verdicts = [quietRun(), stale].map(({ history }) => check(history, register, DEFAULT_BUDGET).kind);
  expect(verdicts).toEqual(['ok', 'violation']);
});

test('an unknown verdict is never green and says why', () => {
  const { result, ...rest } = quietRun();
  const html = renderReport({
    ...rest,
    result: { ...result, verdict: 'unknown', reason: 'vacuous: kill was never effective' },
  });
  expect(html).toContain('class="verdict warn"');
  expect(html).not.toContain('class="verdict good"');
  expect(textOf(between(html, '<h1>', '</h1>'))).toBe('This run proves nothing: kill was never effective.');
});

test('a fault that could not be done is listed with its reason', () => {
  expect(textOf(between(page, 'aria-label="Faults"', '</section>'))).toContain(
    'pause, target leader not done no leader known',
  );
});

test('whatever comes from the system is text', () => {
  const evil = `</script><script>alert(1)</script><img src=x onerror="alert('1')">`;
  const html = renderReport(poisoned(evil));
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).not.toContain('<img');
  expect(html).toContain(escape(JSON.stringify(evil)));
});

test('control characters and direction overrides are made visible', () => {
  expect(escape('a\u001b[31mb\u202ec')).toBe('a\ufffd[31mb\ufffdc');
});

test('the page loads nothing', () => {
  expect(page).toContain(`default-src &#39;none&#39;`.replaceAll('&#39;', "'"));
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  expect(page).not.toMatch(/@import|url\((?!#)/);
});

test('a page without its history stays below 150 KB, with the operations that it draws below 250 KB, however dense the run', () => {
  const [before, history] = renderReport(dense(6000)).split('<template id="operations">');
  expect(history!.indexOf('</template>')).toBeGreaterThan(500);
  const html = before + history!.slice(history!.indexOf('</template>'));
  const withoutOperations = html.replace(/<a\s+id="[^"]*"\s+href="[^"]*"\s+class="op.*?<\/a\s*>/gs, '');
  expect(Buffer.byteLength(withoutOperations)).toBeLessThan(150_000);
  expect(Buffer.byteLength(html)).toBeLessThan(250_000);
  expect(textOf(html)).toMatch(/400 of [\d,]+ operations in this window/);
  // The story is never thinned out; what lies before the window is anchored in the proof.
  expect(['op-2', 'op-12004'].filter((id) => !new RegExp(`<a\\s+id="${id}"`).test(html))).toEqual([]);
  expect(/<li\s+class="step"\s*id="op-0"/.test(html)).toBe(true);
});

test('a history without a run has no nodes and no faults, and none are made up', () => {
  const { history } = stale;
  const verdict: Verdict = {
    kind: 'violation',
    operations: history.operations.length,
    keys: 0,
    parts: [],
    anomalies: stale.result.anomalies,
  };
  const html = renderCheckReport({
    verdict,
    history,
    ages: null,
    name: 'h.jsonl',
    command: 'npx stalemate check h.jsonl',
    version: '0.1.0',
  });
  expect(textOf(between(html, '<h1>', '</h1>'))).toBe(first.sentence);
  expect(html).toContain('class="gap"');
  expect(html).not.toMatch(/class="role|class="fault"|aria-label="Faults"|Where each node stood|Cause not known/);
});

test('a history without a clock is told in events: no second and no millisecond is made up', () => {
  const lines = [
    [0, 'invoke', 'write', 1],
    [0, 'ok', 'write', 1],
    [1, 'invoke', 'write', 2],
    [1, 'ok', 'write', 2],
    [2, 'invoke', 'read', null],
    [2, 'ok', 'read', 1],
    [1, 'invoke', 'write', 3],
  ].map(([process, type, f, value]) => `{:process ${process}, :type :${type}, :f :${f}, :value ${value ?? 'nil'}}`);
  const history = readHistory(lines.join('\n'), 'edn');
  expect(history.untimed).toBe(true);
  const verdict = check(history, register, DEFAULT_BUDGET);
  const html = renderCheckReport({
    verdict,
    history,
    ages: agesOf(history, register),
    name: 'h.edn',
    command: 'npx stalemate check h.edn',
    version: '0.1.0',
  });
  const text = textOf(html.slice(html.indexOf('<body>')).replace(/<script>.*?<\/script>/gs, ''));
  expect(verdict.kind).toBe('violation');
  expect(text).toContain('events 4 – 5 (1 event)');
  expect(text).toContain('AT event 4');
  expect(text).not.toMatch(/\d (?:s|ms|µs)\b/);
  expect(html).toContain('data-events');
  expect(Number(/data-to-ns="([\d.]+)"/.exec(html)![1])).toBeLessThan(10);
  // Whoever is told next is told in seconds again.
  expect(textOf(renderReport(stale))).toMatch(/AT \d\.\d{3} s/);
});

test('an empty history still makes a page', () => {
  const verdict: Verdict = { kind: 'ok', operations: 0, keys: 0, parts: [], anomalies: [] };
  const history = { operations: [], failed: [], warnings: [] };
  const html = renderCheckReport({
    verdict,
    history,
    ages: null,
    name: 'h.jsonl',
    command: 'npx stalemate check h.jsonl',
    version: '0.1.0',
  });
  expect(textOf(between(html, '<h1>', '</h1>'))).toBe('An order was found for all 0 operations.');
});

/** A stale read of a hostile value on a hostile key. */
function poisoned(evil: string): ReportData {
  const data = staleRun();
  const [old, newer, bad] = first.minimal;
  const read = {
    ...bad!.operation,
    input: { ...bad!.operation.input, key: evil },
    outcome: { kind: 'ok', output: evil, returnNs: bad!.operation.callNs + 1 },
  } as const;
  const anomaly = { ...first, sentence: evil, minimal: [old!, { ...newer!, why: evil }, { ...bad!, operation: read }] };
  return {
    ...data,
    history: { ...data.history, operations: [...data.history.operations.filter(({ id }) => id !== read.id), read] },
    faults: data.faults.map((line) => (line.event === 'inject' ? { ...line, about: evil, evidence: evil } : line)),
    probes: data.probes.map((probe) => ({ ...probe, node: evil })),
    result: { ...data.result, anomalies: [anomaly], run: evil, command: evil, promise: evil },
  };
}

/** A write, a newer one, and a stale read, with many reads between. */
function dense(reads: number): ReportData {
  const data = staleRun();
  const at = (id: number, process: number, f: string, value: number, callNs: number) =>
    operation({
      id,
      process,
      f,
      value: f === 'write' ? value : null,
      output: f === 'write' ? null : value,
      callNs,
      returnNs: callNs + 50_000,
      node: 'n1',
    });
  const old = at(0, 0, 'write', 1, 4_000_000_000);
  const newer = at(2, 1, 'write', 2, 4_100_000_000);
  const between = Array.from({ length: reads }, (_, nth) =>
    at(4 + 2 * nth, 2 + (nth % 14), 'read', 2, 4_100_060_000 + nth * 60_000),
  );
  const bad = at(4 + 2 * reads, 1, 'read', 1, 4_100_060_000 + reads * 60_000);
  const anomaly = {
    ...first,
    operation: bad.id,
    newer: { operation: newer.id, value: 2, sinceNs: 4_100_050_000, gapNs: bad.callNs - 4_100_050_000, versions: 1 },
    minimal: [old, newer, bad].map((kept) => ({ operation: kept, pinned: false, why: 'It is needed.' })),
  };
  return {
    ...data,
    history: { operations: [old, newer, ...between, bad], failed: [], clients: 16, warnings: [] },
    result: { ...data.result, anomalies: [anomaly] },
  };
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  expect(from, `${start} is on the page`).toBeGreaterThanOrEqual(0);
  return text.slice(from + start.length, text.indexOf(end, from));
}

/** What a reader sees: tags away, entities back, spaces one. */
function textOf(html: string): string {
  return html
    .replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, '')
    .replace(/<\/?(?:td|th|tr|div|p|li|h\d|dt|dd|text|title|em|b|i|ol)\b[^>]*>/g, ' ')
    .replace(/^[^<>]*>|<[^>]*>/g, '')
    .replace(
      /&(#39|quot|lt|gt|amp);/g,
      (_, name: string) => ({ '#39': "'", quot: '"', lt: '<', gt: '>', amp: '&' })[name]!,
    )
    .replace(/\s+/g, ' ')
    .trim();
}
