/** Where each node stood at an instant, as a table: the same facts as the gutter of the timeline, and more of them. */
import type { RunResult } from '../contract/index.ts';
import { html, type Markup } from './escape.ts';
import type { FaultSpan } from './fault-spans.ts';
import { count, instant, milliseconds, shortValue } from './format.ts';
import { hardship } from './hardship.ts';
import { isHeardTold, lastHeard } from './last-heard.ts';
import { type NodeState, nodeStatesAt, type ProbeIndex } from './probe-index.ts';
import type { Scene } from './scene.ts';

export interface NodeTableInput {
  readonly scene: Scene;
  readonly probes: ProbeIndex;
  readonly faults: readonly FaultSpan[];
  readonly clockErrorsMs: RunResult['clockErrorsMs'];
}

/** Of a list or a text that is long the beginning is enough. */
const MOST_SHOWN = 48;

export function nodeTable(input: NodeTableInput): Markup {
  const { scene, probes } = input;
  const states = nodeStatesAt(probes, scene.atNs, scene.key);
  const most = states.reduce((high, { commitIndex }) => Math.max(high, commitIndex), 0);
  const isTold = isHeardTold(probes);
  const heardWords = isTold ? ' Last heard is known to 100 ms.' : '';
  return html`<h2>Where each node stood at ${instant(scene.atNs)}</h2>
    <p class="lede">
      From the nodes’ own probes, written on the clock of this run: ${clockError(input.clockErrorsMs)}.${heardWords}
    </p>
    <div class="wide" tabindex="0" role="region" aria-label="Node table, scrolls sideways">
      <table class="nodes num">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Role, by its own belief</th>
            <th scope="col" class="r">Term</th>
            <th scope="col" class="r">Committed</th>
            <th scope="col" class="r">Log end, term</th>
            <th scope="col" class="r">${scene.key ?? 'Value'}</th>
            ${isTold ? html`<th scope="col" class="r">Last heard leader</th>` : null}
          </tr>
        </thead>
        <tbody>
          ${states.map((state) => row(state, most, input))}
        </tbody>
      </table>
    </div>`;
}

/** The worst of all nodes: the table holds them side by side. */
function clockError(errorsMs: RunResult['clockErrorsMs']): string {
  if (errorsMs === 'shared') return 'clock error 0 by construction, since simulated nodes have one clock';
  if (errorsMs === 'asked') return 'clock error 0, since whoever asked the nodes wrote them; a belief may be 0.1 s old';
  const all = Object.values(errorsMs ?? {});
  if (all.length === 0) return 'clock error not measured';
  return `clock error ≤ ${Math.max(...all).toFixed(2)} ms, bounded by the quickest answers of each node`;
}

/** Of a node that tells of no entry nothing is known. */
function logEnd({ lastIndex, lastTerm }: NodeState): Markup {
  return lastIndex === 0 ? html`–` : html`${count(lastIndex)} <span class="mut">/ ${count(lastTerm)}</span>`;
}

function row(state: NodeState, most: number, { scene, probes, faults }: NodeTableInput): Markup {
  const answered = scene.culprit?.node === state.node;
  const fault = hardship(state, scene.atNs, faults);
  const notes = [...(fault === '' || fault.includes('killed') ? [] : [fault]), ...(answered ? ['answered'] : [])];
  const behind = answered && state.commitIndex < most ? 'r bad-t' : 'r';
  const value = state.value === undefined ? '–' : shortValue(state.value, MOST_SHOWN);
  return html`<tr${answered ? html` class="hi"` : null} data-node="${state.node}"><th scope="row">${state.node}</th><td>${role(state, scene.atNs, fault)}${notes.map((note) => html` <span class="sm">· ${note}</span>`)}</td><td class="r">${count(state.term)}</td><td class="${behind}">${most === 0 ? '–' : count(state.commitIndex)}</td><td class="r">${logEnd(state)}</td><td class="${behind} val">${value}</td>${isHeardTold(probes) ? heard(state, { scene, probes, fault }) : null}</tr>
`;
}

function heard(
  { node, role: believed }: NodeState,
  it: { readonly scene: Scene; readonly probes: ProbeIndex; readonly fault: string },
): Markup {
  if (it.fault.includes('killed')) return html`<td class="r mut">–</td>`;
  if (believed === 'leader') return html`<td class="r mut">itself</td>`;
  const atNs = lastHeard(
    it.probes.tracks.find((track) => track.node === node)!,
    it.scene.atNs,
  );
  return html`<td class="r">${atNs === null ? 'never' : milliseconds(it.scene.atNs - atNs)}</td>`;
}

function role({ role: believed, leader, node, deposedSinceNs }: NodeState, atNs: number, fault: string): Markup {
  if (fault.includes('killed')) return html`<span class="mut">not running</span>`;
  if (deposedSinceNs !== null)
    return html`leader <span class="sm">deposed ${milliseconds(atNs - deposedSinceNs)} ago</span>`;
  if (believed === 'follower' && leader !== null && leader !== node) return html`follower of ${leader}`;
  return html`${believed}`;
}
