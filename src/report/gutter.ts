/** Right of the node lanes: where each node stood at the time line. */
import type { Nanos } from '../../checker/index.ts';
import { html, type Markup } from './escape.ts';
import type { FaultSpan } from './fault-spans.ts';
import { count, shortValue } from './format.ts';
import { hardship } from './hardship.ts';
import type { NodeState } from './probe-index.ts';
import { GUTTER } from './scale.ts';
import type { Scene } from './scene.ts';

export function gutter(
  state: NodeState,
  y: number,
  {
    scene,
    states,
    faults,
  }: { readonly scene: Scene; readonly states: readonly NodeState[]; readonly faults: readonly FaultSpan[] },
): Markup {
  const served = scene.culprit?.node === state.node;
  const most = states.reduce((high, one) => Math.max(high, one.commitIndex), 0);
  const words = { behind: most - state.commitIndex, role: roleWords(state, scene.atNs, faults) };
  return html`<g
    class="at${served ? ' bad' : ''}"
    data-node="${state.node}"
    data-term="${state.term}"
    data-commit="${state.commitIndex}"
    ><text class="m" x="${GUTTER}" y="${y + 17}">${commitWords(state.commitIndex, scene.key, valueWords(state))}</text
    ><text class="s" x="${GUTTER}" y="${y + 31}">${served ? '▲ ' : ''}${standing(words)}</text></g
  >`;
}

/** `commit 412  x = 4`; nothing of a node that does not tell what it commits. */
export function commitWords(commitIndex: number, key: string | undefined, value: string): string {
  if (commitIndex === 0 && value === '') return '';
  return `commit ${commitIndex}${value === '' || key === undefined ? '' : `  ${key} = ${value}`}`;
}

/** A value as the gutter has room for it; empty where it is not known. */
export function valueWords({ value }: Pick<NodeState, 'value'>): string {
  return value === undefined ? '' : shortValue(value, 9);
}

/** `2 behind · deposed, term 3`. */
export function standing({ behind, role }: { readonly behind: number; readonly role: string }): string {
  return `${behind > 0 ? `${count(behind)} behind · ` : ''}${role}`;
}

/** `leader, term 4`, `deposed, term 3`, `killed`. */
export function roleWords(state: NodeState, atNs: Nanos, faults: readonly FaultSpan[]): string {
  if (hardship(state, atNs, faults).includes('killed')) return 'killed';
  const role = state.role === 'pre-candidate' ? 'candidate' : state.role;
  return `${state.deposedSinceNs === null ? role : 'deposed'}, term ${count(state.term)}`;
}
