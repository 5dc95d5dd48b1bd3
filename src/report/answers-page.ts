/** The notes on Raft, put to the test: a page of a card each, made of `answers.json` alone, so that no number on it stands there by hand. */
import type { Answers, Card, CardStatus } from '../contract/index.ts';
import { answerCard, isWide } from './answer-card.ts';
import { countOf, mutantWords, outcomeOf, STATUSES, statusIcon } from './answer-status.ts';
import { answersStyle } from './answers-style.ts';
import { html, type Markup } from './escape.ts';
import { count, plural } from './format.ts';
import { PATTERNS } from './page.ts';
import { shell } from './shell.ts';

/** The whole page: one file that loads nothing. */
export function renderAnswers(answers: Answers): string {
  const { symbol, words } = outcomeOf(answers);
  return shell({
    title: `${symbol} Answers to the notes: ${words}`,
    style: answersStyle(answers.cards.map(({ id }) => id)),
    name: 'Answers to the notes',
    about: `seed ${answers.seed}`,
    version: answers.version,
    before: PATTERNS,
    main: html`${banners(answers)}${head(answers)}
      <div class="lay">
        ${contents(answers)}
        <div>${rows(answers.cards)}${measureAgain(answers)}</div>
      </div>`,
  });
}

/** Whatever makes the page say less than it looks like. */
function banners({ mutant, interrupted, scale, cards }: Answers): Markup {
  const untested = countOf(cards, 'not-tested');
  return html`${mutant === null ? null : html`<p class="banner bad"><b>✕ A mutant.</b> ${mutantWords(mutant)}</p>`}
  ${
    interrupted
      ? html`<p class="banner warn">
          <b>? Interrupted.</b> This is what there was when it was stopped: ${plural(untested, 'note')} of
          ${count(cards.length)} not yet tested.
        </p>`
      : null
  }
  ${
    scale === 'quick'
      ? html`<p class="banner warn">
          <b>A quick campaign.</b> Few runs a cell: shares are rough, and bounds on what never happened are wide. The
          full one says more.
        </p>`
      : null
  }`;
}

function head(answers: Answers): Markup {
  const { cards, seed, seconds, startedMs, scale, earlierRuns } = answers;
  const simulated = cards.reduce((sum, { runs }) => sum + runs.simulated, 0);
  const real = cards.reduce((sum, { runs }) => sum + runs.real, 0);
  return html`<section class="ahead" aria-label="Result">
    <div>
      <h1>Your Raft notes, put to the test</h1>
      <p>
        ${plural(cards.length, 'note')}: questions, answers and statements, each tried by running a cluster, breaking
        it, and checking what every client saw.
      </p>
      <p class="sm">
        ${plural(simulated, 'simulated run')} and ${count(real)} of real processes, counted card by card · ${scale}
        scale · seed ${seed} · ${duration(seconds)}, begun
        ${date(startedMs)}${earlierRuns === 0 ? null : html`, after ${plural(earlierRuns, 'run')} of an earlier start`}
      </p>
    </div>
    <ul class="tally">
      ${ORDER.map((status) => tallied(status, countOf(cards, status)))}
    </ul>
  </section>`;
}

const ORDER: readonly CardStatus[] = ['answered', 'holds', 'correction', 'not-tested', 'not-as-expected'];

function tallied(status: CardStatus, cards: number): Markup {
  return html`<li class="${cards === 0 ? 'none' : ''}">
    <b>${statusIcon(status, 22)}${count(cards)}</b> <span>${STATUSES[status].counted(cards)}</span>
  </li>`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function date(startedMs: number): string {
  return `${new Date(startedMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function contents({ cards }: Answers): Markup {
  return html`<nav class="qs" aria-label="Notes">
    <h2 class="eyebrow">On this page</h2>
    <ol>
      ${cards.map(
        ({ id, note, status }) =>
          html`<li>
            <a href="#${id}"
              >${statusIcon(status, 16)}<span class="q"
                ><b>${id}</b> ${note}<span class="vh">: ${STATUSES[status].words}</span></span
              ></a
            >
          </li> `,
      )}
    </ol>
  </nav>`;
}

/** Narrow cards two to a row, in the order in which they are read; one that is left over takes the whole width. */
function rows(cards: readonly Card[]): readonly Markup[] {
  const made: Markup[] = [];
  for (let at = 0; at < cards.length; at++) {
    const card = cards[at]!;
    const next = cards[at + 1];
    if (next === undefined || isWide(card) || isWide(next)) made.push(answerCard(card));
    else {
      made.push(html`<div class="pair">${answerCard(card)}${answerCard(next)}</div>`);
      at++;
    }
  }
  return made;
}

function measureAgain({ command, exit }: Answers): Markup {
  return html`<section class="panel card" aria-labelledby="h-again">
    <h2 id="h-again">Measure it all again</h2>
    <p class="x">
      The numbers come from this campaign alone (exit ${exit}). Simulated runs repeat exactly with the same seed; real
      processes do not, and their times depend on the machine.
    </p>
    <div class="again">
      <pre>${command}</pre>
      <button class="btn" type="button" data-copy="${command}" hidden>Copy</button>
    </div>
  </section>`;
}
