/**
 * The explorer's place below the overview: the operations of the whole run as data, and the empty frame that the browser's part
 * fills when it is opened. Without scripts a sentence says what is missing.
 */
import { html, Markup } from '../escape.ts';
import { count, plural } from '../format.ts';
import type { Embedded } from './embed.ts';

export interface ExplorerPanel {
  readonly data: Embedded;
  readonly keys: readonly string[];
  /** The key of the first story. */
  readonly key: string | undefined;
  /** Whether history.jsonl lies beside the page. */
  readonly hasFiles: boolean;
}

export function explorerPanel({ data, keys, key, hasFiles }: ExplorerPanel): Markup {
  const { base64, shown, total } = data;
  const whole = hasFiles ? html`<a href="history.jsonl">history.jsonl</a>` : html`the history itself`;
  const all =
    shown === total ? `all ${plural(total, 'operation')}` : `${count(shown)} of ${plural(total, 'operation')}`;
  return html`<div class="explorer noprint" id="explorer">
      <div class="tlhead">
        <h3>Every operation</h3>
        <p class="sm unscripted">The explorer of ${all} needs scripts; they are off. Every operation is in ${whole}.</p>
        <button class="btn scripted-only" type="button" data-open aria-expanded="false">Explore ${all}</button>
        <p class="sm scripted-only">
          ${shown === total ? null : html`The other ${count(total - shown)} are in ${whole}: they would make this page too large.`}
        </p>
      </div>
      <div class="ex" hidden>
        <div class="excontrols">
          <label class="sm">${keys.length > 0 ? html`key ${keyChoice(keys, key)}` : null}</label>
          <span class="seg" role="group" aria-label="Axis">
            <button type="button" data-axis="time" aria-pressed="true">true time</button
            ><button type="button" data-axis="order" aria-pressed="false">event order</button>
          </span>
          <span class="seg" role="group" aria-label="Window">
            <button type="button" data-do="out" aria-label="Zoom out">−</button
            ><button type="button" data-do="in" aria-label="Zoom in">+</button
            ><button type="button" data-do="all">whole run</button>
          </span>
        </div>
        <div
          class="exview"
          tabindex="0"
          role="application"
          aria-roledescription="explorer"
          aria-label="Every operation of the run, a lane for each client. Arrows move, plus and minus zoom, n and p go through the operations."
          aria-describedby="ex-said"
        >
          <canvas></canvas>
        </div>
        <p class="sm ex-seen"></p>
        <p class="ex-said" id="ex-said" aria-live="polite"></p>
        <p class="sm">
          Drag, or <kbd>←</kbd> <kbd>→</kbd>, to move; wheel (after a click), or <kbd>+</kbd> <kbd>−</kbd>, to zoom;
          <kbd>n</kbd> <kbd>p</kbd> next, previous operation; <kbd>a</kbd> this key / all keys; <kbd>e</kbd> true time /
          event order; <kbd>0</kbd> whole run. Drag the frame above too.
        </p>
      </div>
    </div>
    <template id="operations">${new Markup(base64)}</template>`;
}

/** More than these are in no list that anybody reads. */
const MOST_KEYS = 1000;

function keyChoice(keys: readonly string[], key: string | undefined): Markup {
  const listed = keys.length <= MOST_KEYS ? keys : keys.slice(0, MOST_KEYS);
  const offered = key === undefined || listed.includes(key) ? listed : [key, ...listed];
  return html`<select data-keys>
    <option value="">all ${count(keys.length)} keys</option>
    ${offered.map((name) =>
      name === key
        ? html`<option value="k${name}" selected>${name}</option>`
        : html`<option value="k${name}">${name}</option>`,
    )}
  </select>`;
}
