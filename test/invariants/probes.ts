/** Probes as a test makes them up, and what they break. */
import type { Probe, ProbeBody } from '../../src/contract/index.ts';
import { Invariants } from '../../src/invariants/index.ts';

/** Names of what broke, in order, after these probes. */
export function brokenBy(...probes: readonly (readonly [node: string, body: ProbeBody])[]): string[] {
  const invariants = new Invariants();
  probes.forEach(([node, body], time) => {
    const probe: Probe = { time, node, ...body };
    invariants.observe(probe);
  });
  return invariants.broken.map((it) => it.name);
}

export const start = (state: Partial<Extract<ProbeBody, { kind: 'start' }>> = {}): ProbeBody => ({
  kind: 'start',
  term: 0,
  votedFor: null,
  lastIndex: 0,
  lastTerm: 0,
  commitIndex: 0,
  ...state,
});
export const leads = (term: number): ProbeBody => ({ kind: 'role', role: 'leader', term, leader: null });
export const follows = (term: number): ProbeBody => ({ kind: 'role', role: 'follower', term, leader: null });
export const vote = (term: number, votedFor: string): ProbeBody => ({ kind: 'vote', term, votedFor });
export const append = (index: number, entryTerm: number, chain: number = 100 * entryTerm + index): ProbeBody => ({
  kind: 'append',
  index,
  entryTerm,
  chain,
});
export const commit = (index: number, term: number): ProbeBody => ({ kind: 'commit', index, term });
export const apply = (index: number, value: number): ProbeBody => ({ kind: 'apply', index, key: 'x', value });

export const snapshot = (index: number, more: Partial<Extract<ProbeBody, { kind: 'snapshot' }>> = {}): ProbeBody => ({
  kind: 'snapshot',
  index,
  entryTerm: 1,
  chain: 7,
  hash: 1,
  installed: false,
  ...more,
});

/** By the entry at `index`, or by a snapshot that ends there. */
export const configuration = (voters: readonly string[], index: number = 1): ProbeBody => ({
  kind: 'configuration',
  index,
  entryTerm: 1,
  voters,
  outgoing: [],
  learners: [],
});
