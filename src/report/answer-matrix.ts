/** Read modes against faults: in how many runs a read was incorrect, each cell linked to the run that shows it best. */
import type { Count, MatrixCell, ReadMatrix } from '../contract/index.ts';
import { linked } from './answer-link.ts';
import { html, type Markup } from './escape.ts';
import { count, plural } from './format.ts';
import { zeroBound } from '../base/zero-bound.ts';

type Row = ReadMatrix['rows'][number];

/** The table, with a key of its colours. */
export function readMatrix({ faults, rows }: ReadMatrix): Markup {
  return html`<div class="wide" tabindex="0" role="region" aria-label="Read modes and faults, scrolls sideways">
      <table class="mx num">
        <caption>
          Runs with at least one incorrect read, of all runs
        </caption>
        <thead>
          <tr>
            <th scope="col">How reads are served</th>
            ${faults.map(({ words }) => html`<th scope="col">${words}</th>`)}
            <th scope="col">All runs</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => matrixRow(row, faults))}
        </tbody>
      </table>
    </div>
    <p class="sm">
      The bar is the share of runs. “&lt; n %” is the 95 % bound where none was incorrect: 3 ÷ runs.
      ${rows.some(isSurprising) ? html`<b class="bad-t">Filled: the mode promises that this never happens.</b>` : null}
    </p>`;
}

function matrixRow(row: Row, faults: ReadMatrix['faults']): Markup {
  return html`<tr>
    <th scope="row">${row.reads}<span>${row.promise}</span></th>
    ${faults.map(({ words }, at) => {
      const cell = row.cells[at];
      return html`<td>${cell === undefined ? null : cellBox(cell, { row, words })}</td>`;
    })}
    <td class="tot">${total(row)}</td>
  </tr>`;
}

function cellBox(cell: MatrixCell, { row, words }: { readonly row: Row; readonly words: string }): Markup {
  const { hits, of } = cell;
  const context = html`<span class="vh">${row.reads}, ${words}: </span>`;
  if (of === 0) return html`<span class="cell">${context}<span class="mut">not run</span></span>`;
  const name = `cell ${hits === 0 ? 'z' : promisesNever(row) ? 'b no' : 'b'}`;
  const inner = html`${context}<span>${hits === 0 ? '✓' : '✕'} ${count(hits)} <small>of ${count(of)}</small></span
    ><small>${aside(cell)}</small
    >${hits === 0 ? null : html`<i style="width:${((100 * hits) / of).toFixed(1)}%"></i>`}`;
  return cell.link === null ? html`<span class="${name}">${inner}</span>` : linked(cell.link.href, name, inner);
}

function aside({ hits, of, reads, stale }: MatrixCell): string {
  return hits === 0 ? (zeroBound(of) ?? 'too few to bound') : `${count(stale)} of ${plural(reads, 'read')}`;
}

function total({ all, worstMs, worstVersions }: Row): Markup {
  if (all.of === 0) return html`<span class="mut">not run</span>`;
  const words = `${count(all.hits)} of ${count(all.of)}`;
  if (all.hits === 0) return html`<b class="good-t">✓ ${words}</b><small>${boundWords(all)}</small>`;
  const worst = [
    ...(worstMs === null ? [] : [`${lateness(worstMs)} late`]),
    ...(worstVersions === null ? [] : [`${plural(worstVersions, 'version')} behind`]),
  ];
  return html`<b class="bad-t">✕ ${words}</b>${worst.map((text) => html`<small>worst ${text}</small>`)}`;
}

function lateness(ms: number): string {
  return `${ms < 9.95 ? ms.toFixed(1) : count(Math.round(ms))} ms`;
}

function boundWords({ of }: Count): string {
  const bound = zeroBound(of);
  return bound === null ? 'too few to bound' : `${bound} of runs`;
}

/** A stale read under such a mode is a defect, not a property. */
function promisesNever({ promise }: Row): boolean {
  return promise.startsWith('linearizable');
}

function isSurprising(row: Row): boolean {
  return promisesNever(row) && row.all.hits > 0;
}
