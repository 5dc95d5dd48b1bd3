/** What an answer rests on: numbers, a rule with and without, bars, what histories keep, and what was checked. */
import type { Ablation, BarChart, Claim, Comparison, Count, Figure, PromiseTable, Told } from '../contract/index.ts';
import { linked, runLink } from './answer-link.ts';
import { picture, type Tone } from './answer-picture.ts';
import { html, type Markup } from './escape.ts';
import { count } from './format.ts';
import { zeroBound } from '../base/zero-bound.ts';

/** The two to four numbers. */
export function figures(list: readonly Figure[]): Markup | null {
  if (list.length === 0) return null;
  return html`<dl class="ev">
    ${list.map(
      ({ value, bound, label, tone }) =>
        html`<div>
          <dt>${label}</dt>
          <dd class="${tone === undefined ? '' : `${tone}-t`}">
            ${tone === undefined ? null : TONES[tone]}
            ${value}${bound === undefined ? null : html` <small>${bound}, 95 % sure</small>`}
          </dd>
        </div>`,
    )}
  </dl>`;
}

const TONES = { good: '✓', bad: '✕' } as const;

/** With the rule, and with it taken out. */
export function ablation({ rule, mutant, counted, with: kept, without }: Ablation): Markup {
  const caught = without.hits > 0;
  return html`<figure class="abl">
    <figcaption><b>The rule</b> ${rule}</figcaption>
    <div class="ab">
      <div>
        <b class="${kept.hits === 0 ? 'good-t' : 'bad-t'}">${kept.hits === 0 ? '✓' : '✕'} ${share(kept)}</b>
        ${counted}, with the rule ${bound(kept)}
      </div>
      <div>
        <b class="${caught ? 'bad-t' : 'warn-t'}">${caught ? '✕' : '?'} ${share(without)}</b>
        ${counted}, with it taken out (mutant ${mutant}) ${bound(without)}
      </div>
    </div>
  </figure>`;
}

function share({ hits, of }: Count): string {
  return of === 0 ? 'not run' : `${count(hits)} of ${count(of)}`;
}

function bound({ hits, of }: Count): Markup | null {
  if (hits > 0 || of === 0) return null;
  return html`<small>${zeroBound(of) ?? 'too few to bound'}${zeroBound(of) === null ? null : ', 95 % sure'}</small>`;
}

/** Bars from the same zero. */
export function barChart({ title, bars, note }: BarChart): Markup {
  const most = bars.reduce((high, { value }) => Math.max(high, value), 0);
  // What is more than none is seen.
  const width = (value: number): string =>
    value > 0 && most > 0 ? Math.max(0.3, (100 * value) / most).toFixed(1) : '0';
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    <ul>
      ${bars.map(
        ({ label, value, shown }) =>
          html`<li>
            <span>${label}</span><span class="bar" aria-hidden="true"><i style="width:${width(value)}%"></i></span
            ><b>${shown}</b>
          </li> `,
      )}
    </ul>
    ${note === '' ? null : html`<p class="sm">${note}</p>`}
  </figure>`;
}

/** The read that may not be, next to the one that may. */
export function comparison({ incorrect, correct }: Comparison): Markup {
  return html`<div class="split">${side(incorrect, 'bad')}${side(correct, 'good')}</div>`;
}

function side(told: Told, tone: Tone): Markup {
  return html`<section class="side">
    <h3 class="${tone}-t">${tone === 'bad' ? '✕ Incorrect' : '✓ Correct'}</h3>
    <p>${told.words}</p>
    ${picture(told, tone)}
    <p class="go">${runLink(told.link)}</p>
  </section>`;
}

/** Which promise each history keeps. */
export function promiseTable({ promises, rows }: PromiseTable): Markup {
  return html`<div class="wide" tabindex="0" role="region" aria-label="Promises, scrolls sideways">
    <table class="promises">
      <caption>
        What the same histories keep and break
      </caption>
      <thead>
        <tr>
          <th scope="col">History</th>
          ${promises.map((name) => html`<th scope="col">${name.replaceAll('-', ' ')}</th>`)}
          <th scope="col">Because</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ words, verdicts, because, link }) =>
            html`<tr>
              <th scope="row">${linked(link.href, 'run', words)}</th>
              ${promises.map((_, at) => html`<td>${kept(verdicts[at] ?? 'not decided')}</td>`)}
              <td class="why">${because}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function kept(verdict: PromiseTable['rows'][number]['verdicts'][number]): Markup {
  switch (verdict) {
    case 'kept':
      return html`<span class="good-t">✓ kept</span>`;
    case 'broken':
      return html`<span class="bad-t">✕ broken</span>`;
    case 'not decided':
      return html`<span class="warn-t">? not decided</span>`;
  }
}

/** What has to be so for the answer to stand; open where something of it is not. */
export function claims(list: readonly Claim[]): Markup | null {
  if (list.length === 0) return null;
  const held = list.filter(({ holds }) => holds).length;
  return html`<details class="claims" ${held < list.length ? html`open` : null}>
    <summary>What was checked: ${count(held)} of ${count(list.length)} ${held === 1 ? 'holds' : 'hold'}</summary>
    <ul>
      ${list.map(
        ({ words, holds, measured }) =>
          html`<li class="${holds ? 'y' : 'n'}">
            <span class="${holds ? 'good-t' : 'bad-t'}"
              >${holds ? '✓' : '✕'}<span class="vh">${holds ? ' holds:' : ' does not hold:'}</span></span
            >
            <span>${words}<small>${measured}</small></span>
          </li> `,
      )}
    </ul>
  </details>`;
}
