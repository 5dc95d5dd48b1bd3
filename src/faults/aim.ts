/**
 * Aim: who is hit when a step's moment has come. A plan says `leader`; who that is, the cluster's probes say at injection. They
 * may lag, and at times nobody leads: then there is nothing to hit, and the step says so instead of hitting somebody else.
 */
import { unreachable } from '../base/assert.ts';
import type { FaultAction, FaultStep, FaultTarget, LinkTrouble, NodeId } from '../contract/index.ts';
import { cutsBetween, shaped } from './partition.ts';

/** What is known of the cluster at injection. */
export interface Situation {
  readonly nodes: readonly NodeId[];
  readonly leader: { readonly node: NodeId; readonly term: number } | null;
  /** Killed or paused now. */
  readonly down: ReadonlySet<NodeId>;
  /** Those who join or leave now: a change that is under way may already count, and may yet fail. */
  readonly changing: ReadonlySet<NodeId>;
}

/** Who is hit and how, or why nobody is. */
export type Aimed =
  | {
      readonly kind: 'hit';
      readonly actions: readonly FaultAction[];
      /** The nodes that are hit; for a partition the smaller side. */
      readonly nodes: readonly NodeId[];
      readonly sides?: readonly (readonly NodeId[])[];
      /** `Partition: n1 cut off from n2 n3 n4 n5`. */
      readonly about: string;
    }
  /** `passing`: others are down; it may be otherwise in a moment. */
  | { readonly kind: 'miss'; readonly reason: string; readonly passing: boolean };

/** Resolves the target of a step. */
export function aim(step: FaultStep, situation: Situation): Aimed {
  if (step.target === 'one-way' || step.target === 'bridge' || step.target === 'ring') {
    return shapedCut(step.target, situation, step.draw);
  }
  const nodes = step.nodes ?? chosen(step, step.target, situation);
  if (typeof nodes === 'string') {
    const lacksLeader = step.target === 'leader' && situation.leader === null;
    return miss(nodes, situation.down.size > 0 && !lacksLeader);
  }
  switch (step.kind) {
    case 'partition':
      return cutOff(nodes, situation);
    case 'slow-link':
    case 'duplicate':
    case 'reconnect':
      return disturb(step, nodes, situation);
    case 'pause':
    case 'kill':
    case 'power-loss':
    case 'disk-full':
    case 'bit-flip':
      return takeDown(step, step.kind, nodes, situation);
    case 'slow-disk':
    case 'clock-rate':
    case 'clock-jump':
      return strain(step, step.kind, nodes);
    case 'membership':
      return changeMembers(step, nodes[0]!, situation);
    case 'transfer':
      return {
        kind: 'hit',
        actions: nodes.map((node) => ({ kind: 'transfer', node })),
        nodes,
        about: `Transfer of leadership: to ${nodes.join(' ')}`,
      };
  }
}

function chosen(step: FaultStep, target: SomeNodes, situation: Situation): readonly NodeId[] | string {
  const isOfMembers = step.kind === 'membership' || step.kind === 'transfer';
  return choose(step, target, isOfMembers ? withoutNewcomers(situation) : situation);
}

type SomeNodes = Exclude<FaultTarget, 'one-way' | 'bridge' | 'ring'>;

function miss(reason: string, passing = false): Aimed {
  return { kind: 'miss', reason, passing };
}

/** The most nodes that can be missing while a majority is left. */
function minoritySize(nodes: number): number {
  return Math.floor((nodes - 1) / 2);
}

function choose(
  { draw }: FaultStep,
  target: SomeNodes,
  { nodes, leader, down }: Situation,
): readonly NodeId[] | string {
  const up = nodes.filter((node) => !down.has(node));
  const rotated = rotate(up, draw);
  switch (target) {
    case 'any':
      return rotated.length > 0 ? rotated.slice(0, 1) : 'no node is up';
    case 'leader':
      if (leader === null) return 'no leader is known';
      return down.has(leader.node) ? `the last known leader, ${leader.node}, is down already` : [leader.node];
    case 'follower': {
      const followers = rotated.filter((node) => node !== leader?.node);
      return followers.length > 0 ? followers.slice(0, 1) : 'no follower is up';
    }
    case 'minority':
      if (minoritySize(nodes.length) === 0) return 'a cluster this small has no minority';
      return rotated.length > 0 ? rotated.slice(0, minoritySize(nodes.length)) : 'no node is up';
    case 'majority': {
      const majority = nodes.length - minoritySize(nodes.length);
      return rotated.length >= majority ? rotated.slice(0, majority) : 'no majority is up';
    }
    case 'all':
      return rotated.length > 0 ? rotated : 'no node is up';
    case 'halves':
      return nodes.length > 1 ? rotate(nodes, draw).slice(0, Math.floor(nodes.length / 2)) : 'one node has no halves';
    default:
      return unreachable(target);
  }
}

type DownKind = 'pause' | 'kill' | 'power-loss' | 'disk-full' | 'bit-flip';
type StrainKind = 'slow-disk' | 'clock-rate' | 'clock-jump';

const DOWN_WORDS: Readonly<Record<DownKind, string>> = {
  pause: 'Pause',
  kill: 'Kill',
  'power-loss': 'Power loss',
  'disk-full': 'Disk full',
  'bit-flip': 'Bit flip',
};

/** Only a step that asks for a majority or for all by name, or for these very nodes, may leave fewer than a majority running. */
function takeDown(step: FaultStep, kind: DownKind, hit: readonly NodeId[], situation: Situation): Aimed {
  const { nodes, down, changing } = situation;
  // A flipped node is lost for good: unlike a stopped one, the only one of a cluster cannot be spared, and those who are only here for a
  // while, or about to leave, cannot make up for it.
  const staying = nodes.filter((node) => isOld(node) && !changing.has(node));
  const minority = minoritySize(kind === 'bit-flip' ? staying.length : nodes.length);
  const most = kind === 'bit-flip' ? minority : Math.max(1, minority);
  const isAskedFor = step.target === 'majority' || step.target === 'all' || step.nodes !== undefined;
  if (!isAskedFor && down.size + hit.length > most) {
    if (down.size === 0) return miss('a cluster this small has no node to lose', changing.size > 0);
    return miss(`${[...down].join(' ')} ${down.size === 1 ? 'is' : 'are'} down already`, true);
  }
  return {
    kind: 'hit',
    actions: downActions(step, kind, hit),
    nodes: hit,
    about: `${DOWN_WORDS[kind]}: ${hit.join(' ')}`,
  };
}

function downActions(
  { id, draw, delayMs = 0, resume }: FaultStep,
  kind: DownKind,
  hit: readonly NodeId[],
): readonly FaultAction[] {
  const seed = String(draw);
  switch (kind) {
    case 'pause':
      return hit.map((node) => ({ kind, node, ...(resume && { resume }) }));
    case 'kill':
      return hit.map((node) => ({ kind, node }));
    case 'power-loss':
      return [{ kind: 'powerLoss', nodes: hit, seed, syncDelayMs: delayMs }];
    case 'disk-full':
      return hit.map((node) => ({ kind: 'diskFull', node }));
    case 'bit-flip':
      return hit.map((node) => ({ kind: 'bitFlip', node, seed, by: newcomerOf(id) }));
  }
}

function strain(step: FaultStep, kind: StrainKind, hit: readonly NodeId[]): Aimed {
  const { delayMs = 0, rate = 1, jumpMs = 0 } = step;
  const actions = hit.map((node): FaultAction =>
    kind === 'slow-disk' ? { kind: 'slowDisk', node, syncDelayMs: delayMs } : { kind: 'clock', node, rate, jumpMs },
  );
  const words: Readonly<Record<StrainKind, string>> = {
    'slow-disk': `Slow disk, fsync + ${delayMs} ms`,
    'clock-rate': `Clock rate ${rate}`,
    'clock-jump': `Clock jump ${jumpMs} ms`,
  };
  return { kind: 'hit', actions, nodes: hit, about: `${words[kind]}: ${hit.join(' ')}` };
}

const NEWCOMER = 'm';

function newcomerOf(step: number): NodeId {
  return `${NEWCOMER}${step}`;
}

function isOld(node: NodeId): boolean {
  return !node.startsWith(NEWCOMER);
}

function withoutNewcomers(situation: Situation): Situation {
  const leader = situation.leader !== null && isOld(situation.leader.node) ? situation.leader : null;
  return { ...situation, nodes: situation.nodes.filter(isOld), leader };
}

/**
 * Nobody may be down: a change that needs the vote of a dead node holds up the cluster until that is back. A newcomer is called m and
 * the number of its step, so that no two have one name; it leaves by itself when its fault is over, and is not aimed at before.
 */
function changeMembers({ id, change = 'replace' }: FaultStep, node: NodeId, { nodes, down }: Situation): Aimed {
  if (down.size > 0) return miss(`${[...down].join(' ')} ${down.size === 1 ? 'is' : 'are'} down`, true);
  const newcomer = newcomerOf(id);
  switch (change) {
    case 'add':
      return {
        kind: 'hit',
        actions: [{ kind: 'addNode', node: newcomer }],
        nodes: [newcomer],
        about: `Members: ${newcomer} joins`,
      };
    case 'remove':
      if (nodes.length < 3) return miss('a cluster this small has no member to spare');
      return { kind: 'hit', actions: [{ kind: 'removeNode', node }], nodes: [node], about: `Members: ${node} leaves` };
    case 'replace':
      return {
        kind: 'hit',
        actions: [{ kind: 'replaceNode', node, by: newcomer }],
        nodes: [node, newcomer],
        about: `Members: ${newcomer} takes the place of ${node}`,
      };
  }
}

function disturb({ kind, delayMs = 0, everyMs = 0 }: FaultStep, side: readonly NodeId[], { nodes }: Situation): Aimed {
  const other = nodes.filter((node) => !side.includes(node));
  if (other.length === 0) return miss('there is nobody to have links to');
  const [trouble, words]: readonly [LinkTrouble, string] =
    kind === 'slow-link'
      ? [{ kind: 'delay', delayMs }, `Slow links, + ${delayMs} ms`]
      : kind === 'duplicate'
        ? [{ kind: 'duplicate' }, 'Duplicates']
        : [{ kind: 'reset', everyMs }, `Reconnects every ${everyMs} ms`];
  return {
    kind: 'hit',
    actions: [{ kind: 'disturb', links: cutsBetween(side, other), trouble }],
    nodes: side,
    about: `${words}: ${side.join(' ')}`,
  };
}

function cutOff(side: readonly NodeId[], { nodes }: Situation): Aimed {
  const other = nodes.filter((node) => !side.includes(node));
  if (other.length === 0) return miss('there is nobody to be cut off from');
  return {
    kind: 'hit',
    actions: [{ kind: 'link', cuts: cutsBetween(side, other) }],
    nodes: side,
    sides: [side, other],
    about: `Partition: ${side.join(' ')} cut off from ${other.join(' ')}`,
  };
}

/** A one-way cut takes two nodes, a bridge and a ring three. */
function shapedCut(target: 'one-way' | 'bridge' | 'ring', { nodes, leader }: Situation, draw: number): Aimed {
  const least = target === 'one-way' ? 2 : 3;
  if (nodes.length < least) return miss(`${target} takes ${least} nodes`);
  const { cuts, ...hit } = shaped(target, { nodes, leader: leader?.node ?? null }, draw);
  return { kind: 'hit', actions: [{ kind: 'link', cuts }], ...hit };
}

/** The same nodes in the same circle, beginning where `draw` points. */
function rotate(nodes: readonly NodeId[], draw: number): readonly NodeId[] {
  const first = Math.floor(draw * nodes.length);
  return [...nodes.slice(first), ...nodes.slice(0, first)];
}
