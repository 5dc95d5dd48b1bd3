/** The runs of a results folder as a page: what was asked, what came of it, a filter, and two to compare. Works without scripts. */
import type { Answers, CampaignResult, RunFile, RunResult } from '../contract/index.ts';
import type { ListedFolder } from '../store/index.ts';
import { html, type Markup } from './escape.ts';
import { count, milliseconds, plural } from './format.ts';
import { outcomeOf } from './answer-status.ts';
import { headlineOf } from './campaign-words.ts';
import { VERDICTS } from './hero.ts';
import { shell } from './shell.ts';
import { listStyle } from './style.ts';

/** What is shown. */
export interface RunsFilter {
  readonly verdict: string;
  /** Words that all stand somewhere in a row. */
  readonly words: string;
}

const CHOICES = ['', 'linearizable', 'not-linearizable', 'unknown', 'unfinished'] as const;
const MOST = 500;

/** A row's text, which the filter looks into. */
interface Row {
  readonly verdict: string;
  readonly text: string;
  readonly markup: Markup;
}

export function runsPage(
  folders: readonly ListedFolder[],
  { filter, version, about }: { readonly filter: RunsFilter; readonly version: string; readonly about: string },
): string {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = folders
    .map(rowOf)
    .filter(({ verdict }) => filter.verdict === '' || verdict === filter.verdict)
    .filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  const shown = rows.slice(0, MOST);
  const told = `${count(shown.length)} of ${plural(folders.length, 'run')}, newest first.`;
  return shell({
    title: plural(folders.length, 'run'),
    style: listStyle(),
    name: 'Runs',
    about,
    version,
    main: html`<section class="panel sec" aria-labelledby="h-runs">
      <h1 id="h-runs">Runs</h1>
      ${filterForm(filter)}
      <form action="/compare" method="get">
        <p class="lede">
          ${told}${shown.length < rows.length ? ` Narrow the filter to see the other ${count(rows.length - shown.length)}.` : ''}
          Tick two to <button class="btn" type="submit">compare</button>
        </p>
        <div class="wide">
          <table class="num">
            <thead>
              <tr>
                <th scope="col"><span class="skip">Compare</span></th>
                <th scope="col">Verdict</th>
                <th scope="col">Run</th>
                <th scope="col">What was asked</th>
                <th scope="col">What came of it</th>
              </tr>
            </thead>
            <tbody>
              ${shown.map(({ markup }) => markup)}
            </tbody>
          </table>
        </div>
      </form>
    </section>`,
  });
}

function filterForm({ verdict, words }: RunsFilter): Markup {
  return html`<form class="filter" action="/" method="get" role="search">
    <label
      >Verdict
      <select name="verdict">
        ${CHOICES.map((choice) => {
          const label = choice === '' ? 'any' : choice.replaceAll('-', ' ');
          return choice === verdict
            ? html`<option value="${choice}" selected>${label}</option>`
            : html`<option value="${choice}">${label}</option>`;
        })}
      </select></label
    >
    <label>Words <input type="search" name="words" value="${words}" /></label>
    <button class="btn" type="submit">Filter</button>
  </form>`;
}

function rowOf(folder: ListedFolder): Row {
  const { name, run, result, campaign, answers } = folder;
  if (campaign !== null) return campaignRow(name, campaign);
  if (answers !== null) return answersRow(name, answers);
  const verdict = result?.verdict ?? 'unfinished';
  const asked = run === null ? '' : askedWords(run);
  const found = result === null ? 'not finished' : foundWords(result);
  const tick =
    result === null ? null : html`<input type="checkbox" name="run" value="${name}" aria-label="Compare ${name}" />`;
  const link = result === null ? html`${name}` : html`<a href="/results/${name}/report.html">${name}</a>`;
  return { verdict, text: `${name} ${asked} ${found}`, markup: row({ tick, verdict, link, asked, found }) };
}

function campaignRow(name: string, campaign: CampaignResult): Row {
  const { tone, headline } = headlineOf(campaign);
  const verdict = ({ good: 'linearizable', bad: 'not-linearizable', warn: 'unknown' } as const)[tone];
  const asked = `campaign ${campaign.campaign}, ${campaign.about}`;
  const link = html`<a href="/results/${name}/index.html">${name}</a>`;
  return {
    verdict,
    text: `${name} ${asked} ${headline}`,
    markup: row({ tick: null, verdict, link, asked, found: headline }),
  };
}

function answersRow(name: string, answers: Answers): Row {
  const { symbol, words } = outcomeOf(answers);
  const verdict = ({ '✓': 'linearizable', '✕': 'not-linearizable', '?': 'unknown' } as const)[symbol];
  const asked = `answers to the notes, seed ${answers.seed}`;
  const link = html`<a href="/results/${name}/answers.html">${name}</a>`;
  return {
    verdict,
    text: `${name} ${asked} ${words}`,
    markup: row({ tick: null, verdict, link, asked, found: words }),
  };
}

function row(it: {
  readonly tick: Markup | null;
  readonly verdict: RunResult['verdict'] | 'unfinished';
  readonly link: Markup;
  readonly asked: string;
  readonly found: string;
}): Markup {
  const { symbol, words, tone } = it.verdict === 'unfinished' ? UNFINISHED : VERDICTS[it.verdict];
  return html`<tr>
    <td>${it.tick}</td>
    <td class="${tone}-t">${symbol} ${words}</td>
    <th scope="row">${it.link}</th>
    <td>${it.asked}</td>
    <td>${it.found}</td>
  </tr>`;
}

const UNFINISHED = { symbol: '…', words: 'Not finished', tone: 'mut' } as const;

/** `5 nodes, cas-register, local reads, pause+kill, 20 s, mutant M30`. */
function askedWords({ plan, system }: RunFile): string {
  const kinds = plan.requested.map(({ kind, target }) => (target === 'any' ? kind : `${kind}:${target}`));
  return [
    system.name,
    plural(plan.nodes, 'node'),
    plan.workload,
    `${plan.reads} reads`,
    kinds.join('+') || 'no faults',
    `${plan.timeMs / 1000} s`,
    `seed ${plan.seed}`,
  ].join(', ');
}

/** The first sentence, or why there is none. */
function foundWords({ anomalies, anomalyCount, invariants, reason, ops, staleness }: RunResult): string {
  const [first] = anomalies;
  if (first !== undefined) {
    const worst = staleness.reads === 0 ? '' : `, worst ${milliseconds(staleness.maxMs * 1e6)}`;
    return `${first.sentence} (${plural(anomalyCount, 'anomaly', 'anomalies')}${worst})`;
  }
  if (invariants[0] !== undefined) return `${invariants[0].name}: ${invariants[0].message}`;
  return reason ?? `${plural(ops.ok, 'operation')} ok`;
}
