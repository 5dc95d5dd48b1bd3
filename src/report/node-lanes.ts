/**
 * The lower half of the timeline: a lane for each node with its role by its own belief, the values that it applied, and at
 * the right where it stood at the time line. A leader that another one has replaced without its knowing is striped.
 */
import type { Nanos } from '../../checker/index.ts';
import { html, type Markup } from './escape.ts';
import { type FaultSpan, spansWithin } from './fault-spans.ts';
import { instant, seconds, shortValue, showValue } from './format.ts';
import { gutter } from './gutter.ts';
import { ENDS_PROCESS, hardship } from './hardship.ts';
import {
  type Applied,
  appliedWithin,
  type Belief,
  deposedSince,
  nodeStatesAt,
  type ProbeIndex,
} from './probe-index.ts';
import { GUTTER, RIGHT, round, type Scale, textWidth } from './scale.ts';
import type { Scene } from './scene.ts';

export const NODE_LANE_HEIGHT = 38;

export interface NodeLaneInput {
  readonly scene: Scene;
  readonly scale: Scale;
  readonly probes: ProbeIndex;
  readonly faults: readonly FaultSpan[];
  readonly top: number;
}

export function nodeLanes(input: NodeLaneInput): Markup {
  const states = nodeStatesAt(input.probes, input.scene.atNs, input.scene.key);
  return html`${input.probes.tracks.map(({ node }, at) => {
    const y = input.top + at * NODE_LANE_HEIGHT;
    const state = states.find((one) => one.node === node);
    return html`<g class="node" data-node="${node}"
      >${shading(node, y, input)}<line class="lane" x1="0" x2="${GUTTER + 190}" y1="${y}" y2="${y}" /><text
        class="lab"
        x="0"
        y="${y + 17}"
        >${node}</text
      ><text class="dim s" x="0" y="${y + 30}"
        >${state === undefined ? '' : hardship(state, input.scene.atNs, input.faults)}</text
      >${roles(node, y, input)}${steps(node, y, input)}${servedDot(node, y, input)}${state === undefined ? null : gutter(state, y, { ...input, states })}</g
    > `;
  })}`;
}

function shading(node: string, y: number, { faults, scale }: NodeLaneInput): Markup {
  const held = spansWithin(faults, scale).filter(({ nodes }) => nodes.includes(node));
  return html`${held.map(({ fromNs, toNs }) => {
    const x = scale.x(fromNs);
    return html`<rect
      class="hit"
      x="${x}"
      y="${y}"
      width="${round(scale.x(toNs) - x)}"
      height="${NODE_LANE_HEIGHT}"
    />`;
  })}`;
}

/** A stretch of a node's lane that looks the same throughout. */
interface RoleSpan {
  readonly look: 'leader' | 'deposed' | 'candidate' | 'follower' | 'down';
  readonly term: number;
  readonly leader: string | null;
  readonly fromNs: Nanos;
  readonly toNs: Nanos;
}

/** A node's roles within the window, oldest first. */
export function roleSpans(
  probes: ProbeIndex,
  node: string,
  { window, faults }: { readonly window: Pick<Scale, 'fromNs' | 'toNs'>; readonly faults: readonly FaultSpan[] },
): readonly RoleSpan[] {
  const beliefs = probes.tracks.find((track) => track.node === node)?.beliefs ?? [];
  const kills = faults.filter((fault) => ENDS_PROCESS.has(fault.kind) && fault.nodes.includes(node));
  const spans = beliefs.flatMap((belief, at) => {
    const endNs = beliefs[at + 1]?.fromNs ?? Infinity;
    const kill = kills.find(({ fromNs }) => fromNs > belief.fromNs && fromNs < endNs);
    return kill === undefined
      ? alive(probes, belief, endNs)
      : [...alive(probes, belief, kill.fromNs), down(belief, kill.fromNs, endNs)];
  });
  return spans.filter(({ fromNs, toNs }) => fromNs < window.toNs && toNs > window.fromNs && toNs > fromNs);
}

function alive(probes: ProbeIndex, belief: Belief, toNs: Nanos): readonly RoleSpan[] {
  const { role, term, leader, fromNs } = belief;
  const look = role === 'pre-candidate' ? 'candidate' : role;
  const since = deposedSince(probes, belief);
  if (since === null || since >= toNs) return [{ look, term, leader, fromNs, toNs }];
  return [
    { look, term, leader, fromNs, toNs: since },
    { look: 'deposed', term, leader, fromNs: since, toNs },
  ];
}

function down({ term }: Belief, fromNs: Nanos, toNs: Nanos): RoleSpan {
  return { look: 'down', term, leader: null, fromNs, toNs };
}

const ROLE_HEIGHT = { leader: 13, deposed: 13, candidate: 13, follower: 4, down: 1 } as const;

function roles(node: string, y: number, input: NodeLaneInput): Markup {
  const spans = roleSpans(input.probes, node, { window: input.scale, faults: input.faults });
  return html`${spans.map((span) => {
    const x = input.scale.x(span.fromNs);
    const width = Math.max(1.5, round(input.scale.x(span.toNs) - x));
    const height = ROLE_HEIGHT[span.look];
    const title = `${node} ${SPAN_WORDS[span.look]}, term ${span.term}, ${seconds(span.fromNs)} – ${Number.isFinite(span.toNs) ? instant(span.toNs) : 'the end'}`;
    return html`<rect
        class="role ${span.look}"
        x="${x}"
        y="${round(y + 12.5 - height / 2)}"
        width="${width}"
        height="${height}"
        rx="2"
        data-term="${span.term}"
        ><title>${title}</title></rect
      >${roleLabel(span, { x, y, width })}`;
  })}`;
}

const SPAN_WORDS: Readonly<Record<RoleSpan['look'], string>> = {
  leader: 'leader',
  deposed: 'still believes it leads',
  candidate: 'candidate',
  follower: 'follower',
  down: 'killed',
};

/** The longest wording that fits, on a plate of its own so that it can be read over stripes and thin lines. */
function roleLabel(
  { look, term }: RoleSpan,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): Markup | null {
  const wordings = [`${SPAN_WORDS[look]} · term ${term}`, `${look} ${term}`, `t${term}`];
  const text = wordings.find((wording) => textWidth(wording) + 14 < width);
  if (text === undefined) return null;
  const plate =
    look === 'leader' || look === 'candidate'
      ? null
      : html`<rect
          class="plate"
          x="${x + 5}"
          y="${y + 6}"
          width="${round(textWidth(text) * 0.88 + 7)}"
          height="13"
          rx="3"
        />`;
  return html`${plate}<text class="rl ${look}" x="${x + 8}" y="${y + 16.4}">${text}</text>`;
}

/** Values of the key as this node applied them: a mark each, a label where there is room, those of the story first. */
function steps(node: string, y: number, { probes, scene, scale }: NodeLaneInput): Markup {
  const track = probes.tracks.find((one) => one.node === node)!;
  const applied = appliedWithin(track, scene.key, scale);
  const wanted = storyValues(scene);
  const byImportance = applied.toSorted(
    (left, right) => Number(wanted.has(showValue(right.value))) - Number(wanted.has(showValue(left.value))),
  );
  const taken: [number, number][] = [];
  const labelled = new Set<number>();
  const labels: Markup[] = [];
  for (const step of byImportance) {
    const x = scale.x(step.atNs);
    const text = stepLabel(step, scene.key);
    const to = x + 6 + textWidth(text);
    if (to > RIGHT || taken.some((span) => span[0] < to && span[1] > x - 2)) continue;
    taken.push([x - 2, to]);
    labelled.add(x);
    labels.push(
      html`<text class="m st${wanted.has(showValue(step.value)) ? ' key' : ''}" x="${round(x + 4)}" y="${y + 33}"
        >${text}</text
      >`,
    );
  }
  const marks = [...new Set(applied.map(({ atNs }) => scale.x(atNs)))]
    .map((x) => `M${x} ${y + 22}v${labelled.has(x) ? 12 : 3}`)
    .join('');
  return html`${marks === '' ? null : html`<path class="tick" d="${marks}" />`}${labels}`;
}

/** `412 x=4`; a long key is left out. */
function stepLabel({ index, value }: Applied, key: string | undefined): string {
  return `${index} ${key === undefined || key.length > 3 ? '' : `${key}=`}${shortValue(value, 7)}`;
}

/** What the bad read returned, and what it should have known of. */
function storyValues({ anomaly, culprit }: Scene): ReadonlySet<string> {
  const read = culprit?.outcome.kind === 'ok' ? [showValue(culprit.outcome.output)] : [];
  return new Set([...read, ...(anomaly?.newer === undefined ? [] : [showValue(anomaly.newer.value)])]);
}

function servedDot(node: string, y: number, { scene, scale }: NodeLaneInput): Markup | null {
  if (scene.culprit?.node !== node) return null;
  return html`<circle class="served" cx="${scale.x(scene.atNs)}" cy="${y + 12.5}" r="4.5"
    ><title>${node} answered the operation that fits in no order</title></circle
  >`;
}
