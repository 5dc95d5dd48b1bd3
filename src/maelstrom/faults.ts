/** What nodes that speak Maelstrom's protocol can be made to suffer, each with the proof that it hurt. */
import { StalemateError } from '../base/errors.ts';
import type { ForeignNode } from '../cluster/foreign-node.ts';
import type { Cut, Injury, LinkTrouble } from '../contract/fault.ts';
import { injury } from '../faults/index.ts';
import type { LinkCount, MessageNetwork } from './network.ts';

/** Ends the process; `onDown` is told at once, so that nothing more is handed to it. */
export async function killNode(node: ForeignNode, onDown: () => void): Promise<Injury> {
  if (node.state === 'down') throw new StalemateError('failed', `${node.id} is already down`);
  const { pids } = node;
  await node.kill();
  onDown();
  return injury([node.id], `process ${pids.join(' ')} is gone`, async () => {
    const effective = node.isGone();
    node.start();
    return { effective, evidence: `was down until now; runs again as process ${node.pids.join(' ')}` };
  });
}

export async function pauseNode(node: ForeignNode): Promise<Injury> {
  if (node.state !== 'running') throw new StalemateError('failed', `${node.id} is already ${node.state}`);
  await node.pause();
  return injury([node.id], `state T (process ${node.pids.join(' ')})`, async () => {
    const effective = await node.resume();
    return { effective, evidence: effective ? 'state T until now' : 'was not in state T any more' };
  });
}

/** Effective if anything was lost: where nobody had anything to say, nothing was shown. */
export function cutMessages(network: MessageNetwork, cuts: readonly Cut[]): Injury {
  const heal = network.cut(cuts);
  return linkInjury(network, cuts, { count: 'lost', heal, about: `${cuts.length} links lose every message` });
}

export function disturbMessages(network: MessageNetwork, links: readonly Cut[], trouble: LinkTrouble): Injury {
  const heal = network.disturb(links, trouble);
  return linkInjury(network, links, { ...wordsOf(trouble, links.length), heal });
}

function wordsOf(trouble: LinkTrouble, links: number): { readonly count: keyof LinkCount; readonly about: string } {
  switch (trouble.kind) {
    case 'delay':
      return { count: 'late', about: `${links} links are ${trouble.delayMs} ms late` };
    case 'duplicate':
      return { count: 'twice', about: `${links} links deliver twice` };
    case 'reset':
      return { count: 'lost', about: `${links} links lose a message every ${trouble.everyMs} ms` };
  }
}

function linkInjury(
  network: MessageNetwork,
  links: readonly Cut[],
  { count, heal, about }: { readonly count: keyof LinkCount; readonly heal: () => void; readonly about: string },
): Injury {
  const before = links.map((link) => network.countsOf(link)[count]);
  const nodes = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
  return injury(nodes, about, async () => {
    const suffered = links.map((link, i) => network.countsOf(link)[count] - before[i]!);
    heal();
    const total = suffered.reduce((sum, some) => sum + some, 0);
    const hit = suffered.filter((some) => some > 0).length;
    return { effective: total > 0, evidence: `${total} messages ${WORDS[count]} on ${hit} of ${links.length} links` };
  });
}

const WORDS: Readonly<Record<keyof LinkCount, string>> = { lost: 'lost', late: 'late', twice: 'twice' };
