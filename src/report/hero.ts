/** The head of the page: verdict, the sentence, why, facts, and the tabs from one kind of anomaly to the next. */
import type { Anomaly, Operation } from '../../checker/index.ts';
import type { RunResult } from '../contract/index.ts';
import type { Operations } from './cause-kinds.ts';
import { type AnomalyGroup, causeOf } from './cause.ts';
import { html, type Markup } from './escape.ts';
import { count, milliseconds, plural, showValue } from './format.ts';
import type { ProbeIndex } from './probe-index.ts';

type VerdictName = RunResult['verdict'];

/** Symbol, words and colour of a verdict. An unknown is never green. */
export const VERDICTS: Readonly<
  Record<VerdictName, { readonly symbol: string; readonly words: string; readonly tone: string }>
> = {
  linearizable: { symbol: '✓', words: 'Linearizable', tone: 'good' },
  'not-linearizable': { symbol: '✕', words: 'Not linearizable', tone: 'bad' },
  unknown: { symbol: '?', words: 'Unknown', tone: 'warn' },
};

export interface Chip {
  readonly text: string;
  readonly tone: '' | 'bad' | 'warn';
}

/** A labelled fact; `aside` is set smaller after it. */
export interface Fact {
  readonly name: string;
  readonly text: string;
  readonly aside?: string;
}

export interface HeroInput {
  readonly verdict: VerdictName;
  readonly chips: readonly Chip[];
  /** Sentences with the slug of their story. */
  readonly stories: readonly {
    readonly slug: string;
    readonly anomaly: Anomaly;
    readonly anchor: (id: number) => string;
  }[];
  /** What to say where there is no story. */
  readonly headline: string;
  readonly because: string;
  readonly facts: readonly Fact[];
  readonly probes: ProbeIndex;
  readonly operations: Operations;
  readonly groups: readonly AnomalyGroup[];
}

export function hero(input: HeroInput): Markup {
  const { verdict, chips, stories, facts, groups } = input;
  const { words, tone } = VERDICTS[verdict];
  const told =
    stories.length > 0
      ? stories.map((story) => sentence(story, input))
      : html`<h1>${input.headline}</h1>
          ${input.because === '' ? null : html`<p class="because">${input.because}</p>`}`;
  return html`<section class="hero" aria-label="Result">
    <div>
      <p class="verdict ${tone}">
        ${badge(verdict)}${words}
        ${chips.map(({ text, tone: colour }) => html`<span class="chip ${colour}">${text}</span> `)}
      </p>
      ${told}${groups.length > 0 ? tabs(groups) : null}
    </div>
    <dl class="facts">
      ${facts.map(
        ({ name, text, aside }) =>
          html`<dt>${name}</dt>
            <dd>${text}${aside === undefined ? null : html` <span class="mut">${aside}</span>`}</dd>`,
      )}
    </dl>
  </section> `;
}

/** A verdict's sign, drawn. */
export function badge(verdict: VerdictName): Markup {
  const paths: Readonly<Record<VerdictName, Markup>> = {
    linearizable: html`<path d="M5.8 10.3l3 3 5.6-6.2" />`,
    'not-linearizable': html`<path d="M6.4 6.4l7.2 7.2M13.6 6.4l-7.2 7.2" />`,
    unknown: html`<path d="M7.6 7.7a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.8M10 14.4v.2" />`,
  };
  return html`<svg width="24" height="24" viewBox="0 0 20 20" aria-hidden="true">
    <circle cx="10" cy="10" r="10" fill="currentColor" />
    <g fill="none" stroke="var(--panel)" stroke-width="2.1" stroke-linecap="round">${paths[verdict]}</g>
  </svg>`;
}

function sentence({ slug, anomaly, anchor }: HeroInput['stories'][number], { probes, operations }: HeroInput): Markup {
  const cause = causeOf(anomaly, probes, operations);
  return html`<div class="for-${slug}">
    <h1>${highlighted(anomaly, operations.get(anomaly.operation), anchor)}</h1>
    ${cause === null ? null : html`<p class="because"><b>${cause.headline}</b> ${cause.sentence}</p>`}
  </div>`;
}

/** The sentence word for word, with the two values linked to their operations and the gap coloured where they stand in it. */
function highlighted(anomaly: Anomaly, culprit: Operation | undefined, anchor: (id: number) => string): Markup {
  const { newer } = anomaly;
  const key = culprit?.input.key;
  const marks: readonly (readonly [string, (text: string) => Markup])[] = [
    ...(culprit?.outcome.kind === 'ok' && key !== undefined
      ? [[`${key} = ${showValue(culprit.outcome.output)}`, link('badv', `#${anchor(culprit.id)}`)] as const]
      : []),
    ...(newer !== undefined && key !== undefined
      ? [
          [`${key} = ${showValue(newer.value)}`, link('okv', `#${anchor(newer.operation)}`)] as const,
          [milliseconds(newer.gapNs), (text: string) => html`<span class="badv">${text}</span>`] as const,
        ]
      : []),
  ];
  const parts: Markup[] = [];
  let rest = anomaly.sentence;
  for (const [needle, wrap] of marks) {
    const at = rest.indexOf(needle);
    if (at < 0) continue;
    parts.push(html`${rest.slice(0, at)}${wrap(needle)}`);
    rest = rest.slice(at + needle.length);
  }
  return html`${parts}${rest}`;
}

function link(name: string, href: string): (text: string) => Markup {
  return (text) => html`<a class="${name}" href="${href}">${text}</a>`;
}

/** A tab for each group, to its first anomaly. */
function tabs(groups: readonly AnomalyGroup[]): Markup {
  return html`<nav class="tabs" aria-label="Kinds of anomaly">
    ${groups.map(
      ({ name, members, shown, worstNs }, at) =>
        html`<a class="tab" href="#${shown.id}" ${at === 0 ? html` aria-current="true"` : null}
          ><i>${at + 1}</i><b>${name}</b
          ><em class="num"
            >${plural(members.length, noun(members))}${worstNs === null ? '' : `, worst ${milliseconds(worstNs)}`}</em
          ></a
        >`,
    )}
  </nav> `;
}

function noun(members: readonly Anomaly[]): string {
  return members.every((anomaly) => anomaly.class.includes('read')) ? 'read' : 'operation';
}

const MOST_LISTED = 60;

/** Every anomaly in a line, those with a story of their own linked to it; of the others the script shows the operation. */
export function anomalyList(anomalies: readonly Anomaly[], stories: ReadonlySet<string>): Markup {
  const listed = anomalies.slice(0, MOST_LISTED);
  const cut = listed.length < anomalies.length ? html` The first ${MOST_LISTED} of ${count(anomalies.length)}.` : null;
  return html`<section class="panel sec" aria-labelledby="h-all">
    <h2 id="h-all">Everything that fits in no order</h2>
    <p class="lede">${plural(anomalies.length, 'anomaly', 'anomalies')}, the most telling first.${cut}</p>
    <div class="wide list" tabindex="0" role="region" aria-label="Anomalies, scrolls">
      <table class="num">
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">Kind</th>
            <th scope="col">What happened</th>
          </tr>
        </thead>
        <tbody>
          ${listed.map(
            ({ id, class: kind, sentence: text, operation }) =>
              html`<tr${stories.has(id) ? null : html` id="${id}" data-op="${operation}"`}><th scope="row"><a href="#${id}">${id}</a></th><td>${kind.replaceAll('-', ' ')}</td><td>${text}</td></tr>
`,
          )}
        </tbody>
      </table>
    </div>
  </section> `;
}
