/** Who belonged to the cluster when: every configuration that was committed, from the nodes' own probes. */
import type { Nanos } from '../../checker/index.ts';
import type { Probe } from '../contract/index.ts';
import { html, type Markup } from './escape.ts';
import { count, seconds } from './format.ts';

const MOST_ROWS = 60;

/** A configuration, and when a node first knew that it was committed. */
export interface Membership {
  readonly index: number;
  readonly committedNs: Nanos;
  readonly voters: readonly string[];
  readonly outgoing: readonly string[];
  readonly learners: readonly string[];
}

type Told = Extract<Probe, { readonly kind: 'configuration' }>;

/** In order of their entries. */
export function memberships(probes: readonly Probe[]): readonly Membership[] {
  const found = new Map<number, Membership>();
  /** By node, what it has in force and does not know to be committed. */
  const open = new Map<string, Told>();
  for (const probe of probes.toSorted((left, right) => left.time - right.time)) {
    if (probe.kind === 'configuration') open.set(probe.node, probe);
    const told = open.get(probe.node);
    if (probe.kind !== 'commit' || told === undefined || probe.index < told.index) continue;
    open.delete(probe.node);
    const { index, voters, outgoing, learners } = told;
    if (!found.has(index)) found.set(index, { index, committedNs: probe.time, voters, outgoing, learners });
  }
  const sorted = [...found.values()].toSorted((left, right) => left.index - right.index);
  // A restart tells of the members once more, by the place where its log begins.
  return sorted.filter((one, i) => i === 0 || textOf(one) !== textOf(sorted[i - 1]!));
}

function textOf({ voters, outgoing, learners }: Membership): string {
  return JSON.stringify([voters, outgoing, learners]);
}

/** Empty where the members never changed. */
export function membersTable(probes: readonly Probe[]): Markup | null {
  const all = memberships(probes);
  if (all.length < 2) return null;
  const cut = all.length > MOST_ROWS ? ` The first ${MOST_ROWS} of ${count(all.length)} are listed.` : '';
  return html`<section class="panel sec" aria-label="Members">
    <h2>Who was a member</h2>
    <p class="lede">
      Every committed configuration, from the moment at which a node first knew of it. While voters leave, each decision
      needs a majority of the new and of the old ones.${cut}
    </p>
    <div class="wide" tabindex="0" role="region" aria-label="Members, scrolls sideways">
      <table class="num">
        <thead>
          <tr>
            <th scope="col" class="r">From</th>
            <th scope="col" class="r">Entry</th>
            <th scope="col">Voters</th>
            <th scope="col">Old voters</th>
            <th scope="col">Learners</th>
          </tr>
        </thead>
        <tbody>
          ${all.slice(0, MOST_ROWS).map(row)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row({ committedNs, index, voters, outgoing, learners }: Membership): Markup {
  return html`<tr>
    <td class="r">${seconds(committedNs)} s</td>
    <td class="r">${count(index)}</td>
    <td>${names(voters)}</td>
    <td>${names(outgoing)}</td>
    <td>${names(learners)}</td>
  </tr> `;
}

function names(ids: readonly string[]): Markup {
  return ids.length === 0 ? html`<span class="mut">–</span>` : html`${ids.join(' ')}`;
}
