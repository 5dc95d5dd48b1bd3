/** What the faults really did: every one with its evidence, whether it held, and the leader that came of it. */
import type { FaultLine } from '../contract/index.ts';
import { html, type Markup } from './escape.ts';
import { type FaultSpan, faultSpans } from './fault-spans.ts';
import { count, instant, milliseconds, seconds } from './format.ts';
import type { ProbeIndex } from './probe-index.ts';

const MOST_ROWS = 40;

type Skip = Extract<FaultLine, { readonly event: 'skip' }>;

/** Empty where nothing was ever tried. */
export function faultTable(lines: readonly FaultLine[], probes: ProbeIndex): Markup {
  const faults = faultSpans(lines);
  const skips = lines.filter((line) => line.event === 'skip');
  const total = faults.length + skips.length;
  if (total === 0) return html``;
  const held = faults.filter(({ effective }) => effective === true).length;
  const cut = total > MOST_ROWS ? ` The first ${MOST_ROWS} of ${count(total)} are listed.` : '';
  const rows = [
    ...faults.map((fault) => ({ atNs: fault.fromNs, row: row(fault, probes) })),
    ...skips.map((skip) => ({ atNs: skip.time, row: skippedRow(skip) })),
  ].toSorted((left, right) => left.atNs - right.atNs);
  return html`<h2>What the faults did</h2>
    <p class="lede">${count(held)} of ${count(total)} were seen to hold until they were healed.${cut}</p>
    <div class="wide" tabindex="0" role="region" aria-label="Faults, scrolls sideways">
      <table class="num">
        <thead>
          <tr>
            <th scope="col" class="r">From</th>
            <th scope="col" class="r">For</th>
            <th scope="col">Fault</th>
            <th scope="col">Held</th>
            <th scope="col">Election while it held</th>
            <th scope="col">Stale window</th>
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, MOST_ROWS).map((one) => one.row)}
        </tbody>
      </table>
    </div>`;
}

function row(fault: FaultSpan, probes: ProbeIndex): Markup {
  const length = Number.isFinite(fault.toNs) ? milliseconds(fault.toNs - fault.fromNs) : 'to the end';
  const held = fault.effective === true ? 'yes' : fault.effective === false ? 'no' : 'not known';
  return html`<tr>
    <td class="r">${seconds(fault.fromNs)} s</td>
    <td class="r">${length}</td>
    <td>${fault.about}</td>
    <td>${held} <span class="sm">${fault.evidence}</span></td>
    <td>${elected(fault, probes)}</td>
    <td>${fault.window ? 'yes' : html`<span class="mut">no</span>`}</td>
  </tr> `;
}

function skippedRow({ time, kind, target, reason }: Skip): Markup {
  return html`<tr>
    <td class="r">${seconds(time)} s</td>
    <td class="r mut">–</td>
    <td>${kind}, target ${target}</td>
    <td>not done <span class="sm">${reason}</span></td>
    <td class="mut">–</td>
    <td class="mut">–</td>
  </tr> `;
}

/** The leaders that took office while the fault held. */
function elected({ fromNs, toNs }: FaultSpan, { leaders }: ProbeIndex): Markup {
  const terms = new Map(
    leaders.filter((belief) => belief.fromNs >= fromNs && belief.fromNs <= toNs).map((belief) => [belief.term, belief]),
  );
  if (terms.size === 0) return html`<span class="mut">none</span>`;
  return html`${[...terms.values()].map(({ node, term, fromNs: atNs }) => `${node}, term ${term}, ${instant(atNs)}`).join('; ')}`;
}
