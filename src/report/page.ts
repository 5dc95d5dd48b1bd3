/**
 * The page as a whole: one file that loads nothing. Shows, in this order, the verdict, the sentence and facts, the timeline
 * and the whole run, the proof beside the nodes, the faults, how to run it again. What is not known is left out.
 */
import type { Anomaly, History } from '../../checker/index.ts';
import type { FaultLine, Probe, RunResult } from '../contract/index.ts';
import { type Version, versionsOf } from './allowed.ts';
import { CLIENT_SCRIPT } from './client-script.ts';
import { embed } from './explorer/embed.ts';
import { explorerPanel } from './explorer/panel.ts';
import { groupAnomalies, isProven, operationsById } from './cause.ts';
import type { Operations } from './cause-kinds.ts';
import { html, type Markup } from './escape.ts';
import { faultSpans, type FaultSpan } from './fault-spans.ts';
import { faultTable } from './fault-table.ts';
import { membersTable } from './members-table.ts';
import { anomalyList, type Chip, type Fact, hero, VERDICTS } from './hero.ts';
import { nodeTable } from './node-table.ts';
import { indexProbes, type ProbeIndex } from './probe-index.ts';
import { proof } from './proof.ts';
import { anomalyScene, type Bar, barsOf, quietScene, type Scene } from './scene.ts';
import { shell } from './shell.ts';
import { styleSheet } from './style.ts';
import { timeline } from './timeline.ts';
import type { Ages } from './whole/ages.ts';
import { type WholeAxis, wholeAxis } from './whole/axis.ts';
import { latencyPanel } from './whole/latency.ts';
import { overview } from './whole/overview.ts';
import { stalenessPanel } from './whole/staleness.ts';

/** What a page is made of, whether it tells of a run or of a history alone. */
export interface PageInput {
  readonly verdict: RunResult['verdict'];
  /** Names the run or the file. */
  readonly name: string;
  readonly about: string;
  readonly chips: readonly Chip[];
  /** Said where there is no anomaly to tell. */
  readonly headline: string;
  readonly because: string;
  readonly facts: readonly Fact[];
  readonly anomalies: readonly Anomaly[];
  readonly history: History;
  /** Null where nobody can say how old a read was. */
  readonly ages: Ages | null;
  readonly faults: readonly FaultLine[];
  readonly probes: readonly Probe[];
  readonly clockErrorsMs: RunResult['clockErrorsMs'];
  readonly again: { readonly command: string; readonly about: string; readonly alsoCheck: string | null };
  readonly files: readonly { readonly name: string; readonly about: string }[];
  readonly version: string;
}

/** An anomaly or a quiet run, told whole: picture, proof, nodes. */
interface Story {
  readonly scene: Scene;
  readonly versions: readonly Version[] | null;
  readonly anchor: (id: number) => string;
}

/** Kinds of anomaly that are told whole, and how many operations the first and the others may draw. */
const MOST_STORIES = 4;
const MOST_BARS = 400;
const MOST_BARS_LATER = 100;

export function page(input: PageInput): string {
  const probes = indexProbes(input.probes);
  const faults = faultSpans(input.faults);
  const bars = barsOf(input.history);
  const operations = operationsById(input.history.operations, input.anomalies);
  const groups = groupAnomalies(input.anomalies, probes, operations);
  const firsts = groups.slice(0, MOST_STORIES).map(({ shown }) => shown);
  const stories = tellStories(input, { operations, firsts, bars, faults, probes });
  const told = stories.flatMap(({ scene, anchor }) =>
    scene.anomaly === null ? [] : [{ slug: scene.slug, anomaly: scene.anomaly, anchor }],
  );
  const slugs = told.map(({ slug }) => slug);
  const { symbol, words } = VERDICTS[input.verdict];
  const bad = new Set(input.anomalies.map(({ operation }) => operation));
  const axis = wholeAxis({
    bars,
    faults,
    isTimed: input.history.untimed !== true,
    badNs: bars.filter(({ id }) => bad.has(id)).map(({ fromNs }) => fromNs),
  });
  const surroundings = { faults, probes, bad, history: input.history, clockErrorsMs: input.clockErrorsMs };
  const scenes = stories.map(({ scene }) => scene);
  return shell({
    title: `${symbol} ${words} · ${input.name}`,
    style: styleSheet(slugs),
    name: input.name,
    about: input.about,
    version: input.version,
    client: CLIENT_SCRIPT,
    before: html`${PATTERNS}${slugs.map((slug) => html`<span id="${slug}"></span>`)}`,
    main: html`${hero({ ...input, stories: told, probes, operations, groups })}
      <section class="panel tl" aria-label="Timeline">
        ${stories.map((story) => storyTimeline(story, surroundings))}${overview({ axis, bars, scenes })}${explorer(input, { axis, bars, bad, scene: scenes[0] })}
      </section>
      ${stories.map((story) => storyPanels(story, surroundings))}
      ${latencyPanel(axis, bars)}${input.ages === null ? null : stalenessPanel({ axis, ages: input.ages, culprit: scenes[0]?.culprit?.id ?? null })}
      ${input.faults.length > 0 ? html`<section class="panel sec" aria-label="Faults">${faultTable(input.faults, probes)}</section>` : null}
      ${membersTable(input.probes)}
      ${input.anomalies.length > 1 ? anomalyList(input.anomalies, new Set(slugs)) : null}${lastPanels(input)}`,
  });
}

function tellStories(
  { history }: PageInput,
  {
    operations,
    firsts,
    bars,
    faults,
    probes,
  }: {
    readonly operations: Operations;
    readonly firsts: readonly Anomaly[];
    readonly bars: readonly Bar[];
    readonly faults: readonly FaultSpan[];
    readonly probes: ProbeIndex;
  },
): readonly Story[] {
  const scenes = firsts.flatMap((anomaly, at) => {
    const limit = at === 0 ? MOST_BARS : MOST_BARS_LATER;
    const culprit = operations.get(anomaly.operation);
    return culprit === undefined ? [] : anomalyScene(anomaly, { slug: anomaly.id, bars, culprit, limit });
  });
  const quiet = scenes.length > 0 ? null : quietScene({ history, bars, faults, probes }, MOST_BARS);
  const drawn = new Set<number>();
  return [...scenes, ...(quiet === null ? [] : [quiet])].map((scene, at) => {
    const versions = versionsOf(history.operations.filter(({ input }) => input.key === scene.key));
    const anchor = anchorIn(scene, new Set(drawn), at === 0);
    for (const id of [...[...scene.bars, ...scene.others].map((bar) => bar.id), ...scene.story]) drawn.add(id);
    return { scene, versions, anchor };
  });
}

/** `op-12`; where an earlier picture of the page has drawn that operation too, `a2-op-12`. */
function anchorIn({ slug }: Scene, drawn: ReadonlySet<number>, first: boolean): (id: number) => string {
  return (id) => (first || !drawn.has(id) ? `op-${id}` : `${slug}-op-${id}`);
}

interface Surroundings {
  readonly faults: readonly FaultSpan[];
  readonly probes: ProbeIndex;
  readonly bad: ReadonlySet<number>;
  readonly history: History;
  readonly clockErrorsMs: RunResult['clockErrorsMs'];
}

function explorer(
  { history, files }: PageInput,
  {
    scene,
    ...data
  }: {
    readonly axis: WholeAxis;
    readonly bars: readonly Bar[];
    readonly bad: ReadonlySet<number>;
    readonly scene: Scene | undefined;
  },
): Markup | null {
  if (scene === undefined) return null;
  const keys = [...new Set(history.operations.flatMap(({ input: { key } }) => (key === undefined ? [] : [key])))];
  return explorerPanel({
    data: embed({ ...data, atNs: scene.atNs }),
    keys: keys.toSorted(),
    key: scene.key,
    hasFiles: files.some(({ name }) => name === 'history.jsonl'),
  });
}

function storyTimeline({ scene, versions, anchor }: Story, { faults, probes, bad }: Surroundings): Markup {
  return html`<div class="for-${scene.slug}">${timeline({ scene, faults, probes, versions, bad, anchor })}</div>`;
}

function storyPanels({ scene, anchor }: Story, { faults, probes, history, clockErrorsMs }: Surroundings): Markup {
  const { slug, anomaly } = scene;
  const proven =
    anomaly === null || !isProven(anomaly)
      ? null
      : html`<section class="panel sec" aria-label="Shortest failing history">
          ${proof({ anomaly, history, anchor, drawn: new Set(scene.bars.map(({ id }) => id)) })}
        </section>`;
  const nodes =
    probes.tracks.length === 0
      ? null
      : html`<section class="panel sec" aria-label="Where each node stood">
          ${nodeTable({ scene, probes, faults, clockErrorsMs })}
        </section>`;
  const both = proven !== null && nodes !== null ? ' two' : '';
  return html`<div class="for-${slug}${both}">${proven}${nodes}</div> `;
}

function lastPanels({ again, files }: PageInput): Markup {
  const also =
    again.alsoCheck === null
      ? null
      : html`<p class="sm">Judge the recorded history alone: <code>${again.alsoCheck}</code></p>`;
  const run = html`<section class="panel sec" aria-label="Run it again">
    <h2>Run it again</h2>
    <p class="lede">${again.about}</p>
    <pre>${again.command}</pre>
    <button class="btn" type="button" data-copy="${again.command}" hidden>Copy command</button>${also}
  </section>`;
  if (files.length === 0) return run;
  return html`<div class="two">
    ${run}
    <section class="panel sec" aria-label="Files">
      <h2>Files of this run</h2>
      <ul class="files">
        ${files.map(({ name, about }) => html`<li><a href="${name}">${name}</a><span class="mut">${about}</span></li>`)}
      </ul>
    </section>
  </div>`;
}

/** Hatches: fault, deposed leader, outcome unknown. */
export const PATTERNS: Markup = html`<svg width="0" height="0" style="position:absolute" aria-hidden="true">
  <defs>
    <pattern id="hFault" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line y2="7" stroke="var(--faulthatch)" stroke-width="1.6" />
    </pattern>
    <pattern id="hDeposed" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
      <rect width="8" height="8" fill="var(--nodesoft)" opacity=".55" />
      <line y2="8" stroke="var(--node)" stroke-width="2.2" opacity=".62" />
    </pattern>
    <pattern id="hUnknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <line y2="6" stroke="var(--ink3)" stroke-width="1.1" opacity=".6" />
    </pattern>
  </defs>
</svg>`;
