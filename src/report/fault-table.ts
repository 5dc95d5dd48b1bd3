/** What the faults really did: every one with its evidence, whether it held, and the leader that came of it. */
import { html, type Markup } from './escape.ts';
import type { FaultSpan } from './fault-spans.ts';
import { count, instant, milliseconds, seconds } from './format.ts';
import type { ProbeIndex } from './probe-index.ts';

const MOST_ROWS = 40;

export function faultTable(faults: readonly FaultSpan[], skipped: number, probes: ProbeIndex): Markup {
  const held = faults.filter(({ effective }) => effective === true).length;
  const cut = faults.length > MOST_ROWS ? ` The first ${MOST_ROWS} of ${count(faults.length)}.` : '';
  const missed = skipped > 0 ? ` ${count(skipped)} more found no target.` : '';
  return html`<h2>What the faults did</h2>
    <p class="lede">
      ${count(held)} of ${count(faults.length + skipped)} were seen to hold until they were healed.${missed}${cut}
    </p>
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
          ${faults.slice(0, MOST_ROWS).map((fault) => row(fault, probes))}
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

/** The leaders that took office while the fault held. */
function elected({ fromNs, toNs }: FaultSpan, { leaders }: ProbeIndex): Markup {
  const terms = new Map(
    leaders.filter((belief) => belief.fromNs >= fromNs && belief.fromNs <= toNs).map((belief) => [belief.term, belief]),
  );
  if (terms.size === 0) return html`<span class="mut">none</span>`;
  return html`${[...terms.values()].map(({ node, term, fromNs: atNs }) => `${node}, term ${term}, ${instant(atNs)}`).join('; ')}`;
}
