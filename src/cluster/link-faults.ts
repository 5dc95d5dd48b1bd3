/** Faults of links: cut, enforced and seen at both ends; or slow, repeating, reset, which the receiver does and counts. */
import { StalemateError } from '../base/errors.ts';
import type { Cut, FaultAction, Injury, LinkTrouble } from '../contract/fault.ts';
import type { LinkCounters } from '../wire/control-protocol.ts';
import { injury } from '../faults/index.ts';
import type { Ward } from './ward.ts';
import type { NodeProcess } from './node-process.ts';
import { growthBetween, judgeSilence, readCounters } from './silence.ts';

/** Loses everything on these links. */
export async function cutLinks(ward: Ward, cuts: readonly Cut[]): Promise<Injury> {
  const nodes = endsOf(ward, cuts);
  ward.links.add(cuts);
  const undo = (): void => ward.links.remove(cuts);
  const where = await enforce(ward, nodes, undo);
  const before = await readCounters(nodes);
  return injury(
    nodes.map((node) => node.id),
    `${cuts.length} links filtered ${where}`,
    async () => {
      const { silent, dropped, evidence } = judgeSilence(cuts, before, await readCounters(nodes));
      undo();
      await pushFilters(ward, nodes);
      return { effective: silent && dropped > 0, evidence };
    },
  );
}

/** Makes these links late, repetitive or short-lived. */
export async function disturbLinks(
  ward: Ward,
  { links, trouble }: Extract<FaultAction, { kind: 'disturb' }>,
): Promise<Injury> {
  const nodes = endsOf(ward, links);
  const undo = ward.links.disturb(links, trouble);
  const where = await enforce(ward, nodes, undo);
  const before = await readCounters(nodes);
  return injury(
    nodes.map((node) => node.id),
    `${links.length} links ${wordsOf(trouble)} ${where}`,
    async () => {
      const growth = growthBetween(before, await readCounters(nodes));
      const counter = COUNTERS[trouble.kind];
      const suffered = links.map(({ from, to }) => growth(to, from, counter) ?? 0);
      undo();
      await pushFilters(ward, nodes);
      const total = suffered.reduce((sum, count) => sum + count, 0);
      const hit = suffered.filter((count) => count > 0).length;
      return { effective: total > 0, evidence: `${total} ${counter} on ${hit} of ${links.length} links` };
    },
  );
}

const COUNTERS: Readonly<Record<LinkTrouble['kind'], keyof LinkCounters>> = {
  delay: 'delayed',
  duplicate: 'duplicated',
  reset: 'resets',
};

function wordsOf(trouble: LinkTrouble): string {
  switch (trouble.kind) {
    case 'delay':
      return `${trouble.delayMs} ms late`;
    case 'duplicate':
      return 'deliver twice';
    case 'reset':
      return `reset every ${trouble.everyMs} ms`;
  }
}

function endsOf(ward: Ward, links: readonly Cut[]): readonly NodeProcess[] {
  return [...new Set(links.flatMap(({ from, to }) => [from, to]))].map((id) => ward.node(id));
}

/** Puts the filters in force, and says where. A fault that was done in part must not stay. */
async function enforce(ward: Ward, nodes: readonly NodeProcess[], undo: () => void): Promise<string> {
  const absent = await pushFilters(ward, nodes).catch(async (error: unknown) => {
    undo();
    await pushFilters(ward, nodes);
    throw error;
  });
  return absent.length === 0 ? 'at both ends' : `except at ${absent.join(' and ')}`;
}

/** Puts the present filters in force. Answers who could not be asked, and why: `n3 (down)`; those get theirs on return. */
async function pushFilters(ward: Ward, nodes: readonly NodeProcess[]): Promise<readonly string[]> {
  const absent = await Promise.all(
    nodes.map(async (node) => {
      const set = await node.setLinks(ward.links.filterOf(node.id));
      if (!set && node.state === 'running') throw new StalemateError('failed', `${node.id} does not take its filter`);
      return set ? [] : [`${node.id} (${node.state})`];
    }),
  );
  return absent.flat();
}
