/**
 * `partition`: links between nodes lose everything. Clients still reach every node, so a deposed leader on the smaller side can be
 * asked what it believes.
 *
 * Most targets name one side of a cut in two. The other shapes: `one-way`, where one node either hears nobody or is heard by
 * nobody; `bridge`, two halves that only one node hears and is heard by both of; `ring`, where every node hears a majority
 * and no two of them the same one (Jepsen's "majorities ring").
 */
import { keyed } from '../base/random.ts';
import type { Cut, Fault, FaultTarget, NodeId } from '../contract/index.ts';
import { deck, timedSteps } from './step.ts';

/** The partition fault. Unless told otherwise it takes turns: the leader alone, any one node, two halves. */
export const partition: Fault = {
  kind: 'partition',
  needs: ['link'],
  targets: ['any', 'leader', 'follower', 'minority', 'majority', 'halves', 'one-way', 'bridge', 'ring'],
  plan: (random, shape, target, slots) =>
    timedSteps({
      kind: 'partition',
      targets: deck<FaultTarget>(random, target, ['leader', 'any', 'halves']),
      random,
      shape,
      slots,
    }),
};

/** A partition that is no cut in two. */
export interface Shaped {
  readonly cuts: readonly Cut[];
  /** Who does not hear, or is not heard by, everybody. */
  readonly nodes: readonly NodeId[];
  readonly sides?: readonly (readonly NodeId[])[];
  readonly about: string;
}

/**
 * The shape of that name among these nodes, chosen by `draw`. The leader is never the bridge: it would speak to everybody, and
 * nobody else has anything to say over the links that are cut.
 */
export function shaped(
  target: 'one-way' | 'bridge' | 'ring',
  { nodes, leader }: { readonly nodes: readonly NodeId[]; readonly leader: NodeId | null },
  draw: number,
): Shaped {
  const random = keyed(String(draw), target);
  const order = random.shuffle(nodes);
  switch (target) {
    case 'one-way':
      return oneWay(order[0]!, order.slice(1).toSorted(), random.chance(0.5));
    case 'bridge': {
      const middle = order.find((node) => node !== leader)!;
      return bridge(
        middle,
        order.filter((node) => node !== middle),
      );
    }
    case 'ring':
      return ring(order);
  }
}

function oneWay(node: NodeId, others: readonly NodeId[], deaf: boolean): Shaped {
  const cuts = others.map((other) => (deaf ? { from: other, to: node } : { from: node, to: other }));
  const about = deaf ? `${node} does not hear ${others.join(' ')}` : `${node} is not heard by ${others.join(' ')}`;
  return { cuts, nodes: [node], about: `Partition: ${about}` };
}

function bridge(middle: NodeId, others: readonly NodeId[]): Shaped {
  const left = others.slice(0, Math.floor(others.length / 2)).toSorted();
  const right = others.slice(left.length).toSorted();
  return {
    cuts: cutsBetween(left, right),
    nodes: [...left, ...right],
    sides: [left, right],
    about: `Partition: ${left.join(' ')} cut off from ${right.join(' ')}, ${middle} hears both`,
  };
}

function ring(order: readonly NodeId[]): Shaped {
  const majority = Math.floor(order.length / 2) + 1;
  const cuts = order.flatMap((to, i) => {
    const heard = new Set(
      Array.from({ length: majority }, (_, k) => order.at((i - Math.floor(majority / 2) + k) % order.length)!),
    );
    return order.filter((from) => !heard.has(from)).map((from) => ({ from, to }));
  });
  return { cuts, nodes: order, about: `Partition: each of the ring ${order.join(' ')} hears only its neighbours` };
}

/** Every link between the two sides, in both directions. */
export function cutsBetween(side: readonly NodeId[], other: readonly NodeId[]): readonly Cut[] {
  return side.flatMap((a) =>
    other.flatMap((b) => [
      { from: a, to: b },
      { from: b, to: a },
    ]),
  );
}
