/**
 * Aim: who is hit when a step's moment has come. A plan says `leader`; who that is, the cluster's probes say at injection. They
 * may lag, and at times nobody leads: then there is nothing to hit, and the step says so instead of hitting somebody else.
 */
import { unreachable } from '../base/assert.ts';
import type { FaultAction, FaultStep, NodeId } from '../contract/index.ts';
import { cutsBetween } from './partition.ts';

/** What is known of the cluster at injection. */
export interface Situation {
  readonly nodes: readonly NodeId[];
  readonly leader: { readonly node: NodeId; readonly term: number } | null;
  /** Killed or paused now. */
  readonly down: ReadonlySet<NodeId>;
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
  | { readonly kind: 'miss'; readonly reason: string };

/** Resolves the target of a step. */
export function aim(step: FaultStep, situation: Situation): Aimed {
  const nodes = choose(step, situation);
  if (typeof nodes === 'string') return { kind: 'miss', reason: nodes };
  return step.kind === 'partition' ? cutOff(nodes, situation) : takeDown(step.kind, nodes, situation, step.target);
}

/** The most nodes that can be missing while a majority is left. */
function minoritySize(nodes: number): number {
  return Math.floor((nodes - 1) / 2);
}

function choose(step: FaultStep, { nodes, leader, down }: Situation): readonly NodeId[] | string {
  const up = nodes.filter((node) => !down.has(node));
  const rotated = rotate(up, step.draw);
  switch (step.target) {
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
      return minoritySize(nodes.length) > 0
        ? rotated.slice(0, minoritySize(nodes.length))
        : 'a cluster this small has no minority';
    case 'majority':
      return rotated.slice(0, nodes.length - minoritySize(nodes.length));
    case 'halves':
      return nodes.length > 1
        ? rotate(nodes, step.draw).slice(0, Math.floor(nodes.length / 2))
        : 'one node has no halves';
    default:
      return unreachable(step.target);
  }
}

/** Pause or kill. Only a step that asks for a majority by name may leave fewer than one running. */
function takeDown(
  kind: 'pause' | 'kill',
  hit: readonly NodeId[],
  { nodes, down }: Situation,
  target: FaultStep['target'],
): Aimed {
  if (target !== 'majority' && down.size + hit.length > Math.max(1, minoritySize(nodes.length))) {
    return { kind: 'miss', reason: `${[...down].join(' ')} ${down.size === 1 ? 'is' : 'are'} down already` };
  }
  const verb = kind === 'pause' ? 'Pause' : 'Kill';
  return { kind: 'hit', actions: hit.map((node) => ({ kind, node })), nodes: hit, about: `${verb}: ${hit.join(' ')}` };
}

function cutOff(side: readonly NodeId[], { nodes }: Situation): Aimed {
  const other = nodes.filter((node) => !side.includes(node));
  if (other.length === 0) return { kind: 'miss', reason: 'there is nobody to be cut off from' };
  return {
    kind: 'hit',
    actions: [{ kind: 'link', cuts: cutsBetween(side, other) }],
    nodes: side,
    sides: [side, other],
    about: `Partition: ${side.join(' ')} cut off from ${other.join(' ')}`,
  };
}

/** The same nodes in the same circle, beginning where `draw` points. */
function rotate(nodes: readonly NodeId[], draw: number): readonly NodeId[] {
  const first = Math.floor(draw * nodes.length);
  return [...nodes.slice(first), ...nodes.slice(0, first)];
}
