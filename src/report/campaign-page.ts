/** The page of a campaign: what was not declared, the matrix, how it was before, and which runs to open. Links are relative. */
import { byWeight, isSurprise, isUnknown, isViolation } from '../campaign/index.ts';
import { msToNs } from '../base/time.ts';
import type { CampaignResult, CampaignRun, CellResult } from '../contract/index.ts';
import { faultWords, headlineOf } from './campaign-words.ts';
import { html, type Markup } from './escape.ts';
import { count, milliseconds, plural } from './format.ts';
import { badge } from './hero.ts';
import { shell } from './shell.ts';
import { campaignStyle } from './style.ts';
import { trend, type Earlier } from './trend.ts';

const WORTH_OPENING = 10;
const VERDICT_OF = { good: 'linearizable', bad: 'not-linearizable', warn: 'unknown' } as const;

/** @param earlier campaigns of the same name, the oldest first */
export function campaignPage(result: CampaignResult, earlier: readonly Earlier[]): string {
  const { symbol, headline } = headlineOf(result);
  return shell({
    title: `${symbol} ${headline}`,
    style: campaignStyle(),
    name: result.campaign,
    about: result.about,
    version: result.version,
    main: html`${head(result)}
      <section class="panel sec" aria-labelledby="h-matrix">
        <h2 id="h-matrix">What was tried, and what broke</h2>
        <div class="wide">${matrix(result)}</div>
        ${KEY}
      </section>
      <div class="lower${earlier.length === 0 ? ' alone' : ''}">
        ${earlier.length === 0 ? null : trend(result, earlier)}${worthOpening(result)}
      </div>`,
  });
}

function head(result: CampaignResult): Markup {
  const { tone, verdict, headline, aside, run } = headlineOf(result);
  const operations = result.runs.reduce((sum, it) => sum + it.operations, 0);
  const seconds = result.runs.reduce((sum, it) => sum + it.seconds, 0);
  const facts: readonly (readonly [string, string])[] = [
    ['Runs', `${count(result.runs.length)}, ${seconds.toFixed(0)} s together`],
    ['Operations', count(operations)],
    ['Seed', result.seed],
    ...(result.shard === null ? [] : [['Part', result.shard] as const]),
  ];
  return html`<section class="hero" aria-label="Result">
    <div>
      <p class="verdict ${tone}">${badge(VERDICT_OF[tone])}${verdict} <span class="chip">exit ${result.exit}</span></p>
      <h1>${headline}</h1>
      <p class="because">${run?.sentence ?? null} ${aside} ${opening(run)}</p>
    </div>
    <dl class="facts">
      ${facts.map(
        ([name, text]) =>
          html`<dt>${name}</dt>
            <dd>${text}</dd>`,
      )}
    </dl>
  </section>`;
}

function opening(run: CampaignRun | null): Markup | null {
  return run === null || run.report === null ? null : html`<a href="${run.report}">Open the run</a>`;
}

function matrix({ cells, runs }: CampaignResult): Markup {
  const faults = [...new Set(cells.map((cell) => cell.faults))];
  const systems = [...new Set(cells.map(({ system }) => system))];
  const row = (system: string, reads: string): Markup =>
    html`<tr>
      <th scope="row">${reads}</th>
      ${faults.map((fault) => {
        const cell = cells.find((it) => it.system === system && it.reads === reads && it.faults === fault);
        return html`<td>${cell === undefined ? null : cellBox(cell, runs)}</td>`;
      })}
    </tr>`;
  return html`<table class="cmx num">
    <thead>
      <tr>
        <th scope="col">Reads</th>
        ${faults.map((fault) => html`<th scope="col">${faultWords({ faults: fault })}</th>`)}
      </tr>
    </thead>
    ${systems.map((system) => {
      const reads = [...new Set(cells.filter((cell) => cell.system === system).map((cell) => cell.reads))];
      return html`<tbody>
        <tr class="sys">
          <th colspan="${faults.length + 1}" scope="rowgroup">${system}</th>
        </tr>
        ${reads.map((mode) => row(system, mode))}
      </tbody>`;
    })}
  </table>`;
}

function cellBox(cell: CellResult, runs: readonly CampaignRun[]): Markup {
  const [mark, aside] = cellWords(cell);
  const report = runs.find(({ id }) => id === cell.worst)?.report ?? null;
  const label = `${cell.system}, ${cell.reads} reads, ${faultWords(cell)}: ${mark} ${aside}`;
  const inner = html`${mark} <small>${aside}</small>`;
  return report === null
    ? html`<span class="c ${cell.state}">${inner}</span>`
    : html`<a class="c ${cell.state}" href="${report}" aria-label="${label}">${inner}</a>`;
}

function cellWords({ state, violations, unknown, runs }: CellResult): readonly [mark: string, aside: string] {
  switch (state) {
    case 'ok':
      return ['✓ 0', `of ${count(runs)}`];
    case 'expected':
      return [`✕ ${count(violations)}`, `of ${count(runs)}, declared`];
    case 'unexpected':
      return violations > 0 ? [`✕ ${count(violations)}`, `of ${count(runs)}`] : ['✓ 0', `of ${count(runs)}, must`];
    case 'unknown':
      return ['? unknown', `${count(unknown)} of ${count(runs)}`];
  }
}

const KEY: Markup = html`<div class="key">
  <span><span class="c ok">✓ 0</span>no violation</span>
  <span><span class="c expected">✕ 3</span>violations that were declared</span>
  <span><span class="c unexpected">✕ 1</span>not declared, or missing where one must appear: exit 1</span>
  <span><span class="c unknown">?</span>not known: exit 2</span>
</div>`;

/** Surprises first, then what is not known, then of each cell the worst. */
function worthOpening(result: CampaignResult): Markup {
  const cells = new Map(result.cells.map((cell) => [cell.id, cell]));
  const worst = new Set(result.cells.map((cell) => cell.worst));
  const rank = (run: CampaignRun): number =>
    isSurprise(run, cells.get(run.cell)!) ? 0 : isUnknown(run) ? 1 : isViolation(run) ? 2 : 3;
  const told = result.runs
    .filter((run) => rank(run) < 2 || (worst.has(run.id) && rank(run) === 2))
    .toSorted((a, b) => rank(a) - rank(b) || byWeight(a, b));
  const shown = told.slice(0, WORTH_OPENING);
  const rows = shown.map((run) => {
    const cell = cells.get(run.cell)!;
    const name = run.report === null ? html`${run.id}` : html`<a href="${run.report}">${run.id}</a>`;
    const mark =
      rank(run) === 0
        ? html`<span class="bad-t">✕ Not declared.</span> `
        : rank(run) === 1
          ? html`<span class="warn-t">? Unknown.</span> `
          : null;
    return html`<tr>
      <th scope="row">${name}</th>
      <td>${mark}${run.sentence ?? run.reason}</td>
      <td>${cell.reads} × ${faultWords(cell)}</td>
      <td class="r">${run.worstStaleMs === null ? '–' : milliseconds(msToNs(run.worstStaleMs))}</td>
    </tr>`;
  });
  return html`<section class="panel sec" aria-labelledby="h-open">
    <h2 id="h-open">Worth opening</h2>
    <p class="lede">
      ${
        shown.length === 0
          ? 'No run violated anything, and all could be decided.'
          : shown.length < told.length
            ? `The first ${count(shown.length)} of ${count(told.length)}, in ${plural(result.runs.length, 'run')}.`
            : `${count(shown.length)} of ${plural(result.runs.length, 'run')}.`
      }
    </p>
    ${
      shown.length === 0
        ? null
        : html`<div class="wide">
            <table class="num runs">
              <thead>
                <tr>
                  <th scope="col">Run</th>
                  <th scope="col">What happened</th>
                  <th scope="col">Reads × fault</th>
                  <th scope="col" class="r">Late by</th>
                </tr>
              </thead>
              <tbody>
                ${rows}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}
