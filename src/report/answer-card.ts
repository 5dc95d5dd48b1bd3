/** A note and its answer. Order: the note, what the experiment says of it, why, and then what it rests on. */
import type { Card } from '../contract/index.ts';
import { ablation, barChart, claims, comparison, figures, promiseTable } from './answer-evidence.ts';
import { runLink } from './answer-link.ts';
import { readMatrix } from './answer-matrix.ts';
import { STATUSES, statusIcon } from './answer-status.ts';
import { html, type Markup } from './escape.ts';
import { count, plural } from './format.ts';

/** The question that the project began with; it is the largest. */
const FIRST_QUESTION = 'S20';

/** The card; its id is the note's. */
export function answerCard(card: Card): Markup {
  const { id, status } = card;
  const star = id === FIRST_QUESTION;
  return html`<article class="panel card${star ? ' star' : ''}" id="${id}" aria-labelledby="${id}-a">
    <div class="chd">
      <span class="id">${id}</span>
      <span class="chip ${STATUSES[status].tone}">${statusIcon(status, 14)}${STATUSES[status].words}</span>
      ${star ? html`<span class="chip">the question that started this</span>` : null}
      <a class="perma" href="#${id}"><span class="vh">Link to this answer: </span>#${id}</a>
    </div>
    <div class="note">
      <span class="ln">${lineWords(card)}</span>
      <p>${card.note}</p>
    </div>
    ${status === 'not-tested' ? untested(card) : tested(card)}
    <div class="again">
      <span class="sm">${status === 'not-tested' ? 'Test it' : `${runWords(card)}. Measure it again`}</span>
      <pre>${card.command}</pre>
      <button class="btn" type="button" data-copy="${card.command}" hidden>Copy</button>
    </div>
  </article>`;
}

const FORMS: Readonly<Record<Card['form'], string>> = {
  question: 'a question left open',
  answer: 'your own answer',
  statement: 'a statement',
};

function lineWords({ lines, form }: Card): string {
  const range = lines.replaceAll('-', '–');
  return `From your notes, ${/^\d+$/.test(lines) ? 'line' : 'lines'} ${range}, restated: ${FORMS[form]}`;
}

function untested({ id, explanation }: Card): Markup {
  return html`<h2 class="ans mut" id="${id}-a">Not yet tested.</h2>
    <p class="x">
      ${explanation === '' ? 'This campaign did not run its experiment, so nothing is said of it.' : explanation}
    </p>`;
}

function tested(card: Card): Markup {
  return html`${failing(card)}
    <h2 class="ans" id="${card.id}-a">${card.answer}</h2>
    <p class="x">${card.explanation}</p>
    ${card.comparison === undefined ? null : comparison(card.comparison)}
    ${card.matrix === undefined ? null : readMatrix(card.matrix)}
    ${card.promises === undefined ? null : promiseTable(card.promises)}${card.charts.map(barChart)}${card.ablations.map(ablation)}
    ${figures(card.figures)}${claims(card.claims)}
    ${
      card.links.length === 0
        ? null
        : html`<ul class="go" aria-label="Runs that show it">
            ${card.links.map((link) => html`<li>${runLink(link)}</li> `)}
          </ul>`
    }`;
}

/** Stands above the answer, which it takes back. */
function failing({ status, claims: all }: Card): Markup | null {
  const wrong = all.filter(({ holds }) => !holds);
  if (status !== 'not-as-expected' && wrong.length === 0) return null;
  return html`<p class="fell">
    <b>✕ The experiment did not bear out the answer below.</b>
    ${wrong.map(({ words, measured }) => html`<span>${words}: ${measured}</span>`)}
  </p>`;
}

function runWords({ runs: { simulated, real } }: Card): string {
  const words = [
    ...(simulated > 0 ? [plural(simulated, 'simulated run')] : []),
    ...(real > 0 ? [`${count(real)} of real processes`] : []),
  ];
  return words.length === 0 ? 'No runs' : words.join(', ');
}

/** Whether a card needs the whole width: it has a table, pictures, or something to set right. */
export function isWide({ id, matrix, comparison: pair, promises, charts, status }: Card): boolean {
  return (
    id === FIRST_QUESTION ||
    matrix !== undefined ||
    pair !== undefined ||
    promises !== undefined ||
    charts.length > 1 ||
    status === 'not-as-expected'
  );
}
