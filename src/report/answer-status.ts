/** What the experiment says of a note, by icon and text: shape and words tell the states apart, colour only helps. */
import type { Answers, Card, CardStatus } from '../contract/index.ts';
import { html, type Markup } from './escape.ts';
import { count, plural } from './format.ts';

interface Status {
  /** For the terminal. */
  readonly symbol: string;
  /** On a card. */
  readonly words: string;
  /** Under its count in the page's head. */
  readonly counted: (cards: number) => string;
  readonly tone: '' | 'good' | 'warn' | 'bad';
  readonly shape: Markup;
}

/** In the order in which they are counted. */
export const STATUSES: Readonly<Record<CardStatus, Status>> = {
  answered: {
    symbol: '→',
    words: 'Answered',
    counted: () => 'open, now answered',
    tone: '',
    shape: html`<circle cx="10" cy="10" r="9" /><path d="M5.6 10h8M10.6 6.8L13.9 10l-3.3 3.2" />`,
  },
  holds: {
    symbol: '✓',
    words: 'Your answer holds',
    counted: () => 'your answer holds',
    tone: 'good',
    shape: html`<rect class="full" x=".5" y=".5" width="19" height="19" rx="6" /><path
        class="on"
        d="M5.4 10.4l3.1 3.1 6.1-6.6"
      />`,
  },
  correction: {
    symbol: '!',
    words: 'Needs a correction',
    counted: (cards) => (cards === 1 ? 'needs a correction' : 'need a correction'),
    tone: 'warn',
    shape: html`<path d="M10 1L19 10 10 19 1 10zM10 5.6v5.2M10 14v.2" />`,
  },
  'not-as-expected': {
    symbol: '✕',
    words: 'Not as expected',
    counted: () => 'not as expected',
    tone: 'bad',
    shape: html`<circle class="full" cx="10" cy="10" r="9.5" /><path
        class="on"
        d="M6.4 6.4l7.2 7.2M13.6 6.4l-7.2 7.2"
      />`,
  },
  'not-tested': {
    symbol: '?',
    words: 'Not yet tested',
    counted: () => 'not yet tested',
    tone: '',
    shape: html`<circle cx="10" cy="10" r="9" stroke-dasharray="3 2.6" /><path d="M6.5 10h7" />`,
  },
};

/** The sign of a status, drawn; its words stand beside it. */
export function statusIcon(status: CardStatus, size: number): Markup {
  return html`<svg class="si ${status}" width="${size}" height="${size}" viewBox="0 0 20 20" aria-hidden="true">
    ${STATUSES[status].shape}
  </svg>`;
}

/** How many cards have that status. */
export function countOf(cards: readonly Card[], status: CardStatus): number {
  return cards.filter((card) => card.status === status).length;
}

/** The whole in a line, for the page's title and the terminal. Never ✓ where something is missing. */
export function outcomeOf({ cards, mutant, interrupted }: Answers): {
  readonly symbol: '✓' | '✕' | '?';
  readonly words: string;
} {
  const wrong = countOf(cards, 'not-as-expected');
  const untested = countOf(cards, 'not-tested');
  const all = plural(cards.length, 'note');
  if (wrong > 0) return { symbol: '✕', words: `${count(wrong)} of ${all} not as expected` };
  if (untested > 0) return { symbol: '?', words: `${count(untested)} of ${all} not yet tested` };
  if (interrupted || cards.length === 0)
    return { symbol: '?', words: interrupted ? 'interrupted' : 'no note was tested' };
  if (mutant !== null) return { symbol: '?', words: `mutant ${mutant} was not noticed by ${all}` };
  return { symbol: '✓', words: `${all} tested, all as expected` };
}

/** The banner's words where the node that is to be correct was a mutant. */
export function mutantWords(mutant: string): string {
  return `This campaign ran with mutant ${mutant} in place of the correct node. It says nothing about Raft: answers are to fail here, and one that stands did not notice the mutant.`;
}
