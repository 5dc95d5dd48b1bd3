/** Directed graphs over the numbers 0 to n − 1, as lists of edges: an order of the nodes, or a short cycle. */

/** Edges, one after another. */
export class Edges {
  #from: Int32Array = new Int32Array(256);
  #to: Int32Array = new Int32Array(256);
  length = 0;

  add(from: number, to: number): void {
    if (this.length === this.#from.length) {
      this.#from = doubled(this.#from);
      this.#to = doubled(this.#to);
    }
    this.#from[this.length] = from;
    this.#to[this.length++] = to;
  }

  addAll(others: Edges): void {
    for (let i = 0; i < others.length; i++) this.add(others.#from[i]!, others.#to[i]!);
  }

  /** The same edges by node. */
  successors(nodes: number): Successors {
    const start = new Int32Array(nodes + 1);
    for (let i = 0; i < this.length; i++) start[this.#from[i]! + 1]!++;
    for (let node = 0; node < nodes; node++) start[node + 1]! += start[node]!;
    const next = start.slice();
    const to = new Int32Array(this.length);
    for (let i = 0; i < this.length; i++) to[next[this.#from[i]!]!++] = this.#to[i]!;
    return { nodes, start, to };
  }
}

/** Edges with the node because of which each is there. */
export class ReasonedEdges extends Edges {
  readonly #reasonOf = new Map<number, number>();

  addBecause(from: number, to: number, reason: number): void {
    this.add(from, to);
    this.#reasonOf.set(from * MAX_NODES + to, reason);
  }

  /** By node of a cycle the reason of its edge to the next; −1 where there is none. */
  reasons(cycle: readonly number[]): readonly number[] {
    return cycle.map((from, i) => this.#reasonOf.get(from * MAX_NODES + cycle[(i + 1) % cycle.length]!) ?? -1);
  }
}

/** More than a table has rows, little enough for a pair to be a safe integer. */
const MAX_NODES = 1 << 26;

/** The successors of node i are `to[start[i]]` to `to[start[i + 1] − 1]`. */
export interface Successors {
  readonly nodes: number;
  readonly start: Int32Array;
  readonly to: Int32Array;
}

function doubled(from: Int32Array): Int32Array {
  const larger = new Int32Array(2 * from.length);
  larger.set(from);
  return larger;
}

/** All nodes, each after its predecessors (Kahn 1962), or a short cycle. Of nodes that could both come next the smaller is first. */
export function orderOrCycle(
  graph: Successors,
): { readonly order: Int32Array } | { readonly cycle: readonly number[] } {
  const { nodes, start, to } = graph;
  const missing = new Int32Array(nodes);
  for (const node of to) missing[node]!++;
  const order = new Int32Array(nodes);
  let length = 0;
  // Nodes become free in order of their last predecessor; freed ones wait in the order itself.
  for (let node = 0; node < nodes; node++) if (missing[node] === 0) order[length++] = node;
  for (let at = 0; at < length; at++) {
    const node = order[at]!;
    for (let i = start[node]!; i < start[node + 1]!; i++) if (--missing[to[i]!]! === 0) order[length++] = to[i]!;
  }
  if (length === nodes) return { order };
  return { cycle: shortCycle(graph, missing) };
}

const CYCLE_STARTS_MAX = 64;
const CYCLE_STEPS_MAX = 2_000_000;

/** The shortest of the cycles through the first nodes that are on one. `left`: above 0 for nodes on or behind a cycle. */
function shortCycle(graph: Successors, left: Int32Array): readonly number[] {
  let best: readonly number[] | undefined;
  let starts = 0;
  let steps = 0;
  for (let node = 0; node < graph.nodes && starts < CYCLE_STARTS_MAX; node++) {
    if (left[node] === 0) continue;
    if (best !== undefined && (best.length <= 2 || steps > CYCLE_STEPS_MAX)) break;
    const found = cycleThrough(graph, node, left);
    steps += found.steps;
    if (found.cycle === undefined) continue;
    starts++;
    if (best === undefined || found.cycle.length < best.length) best = found.cycle;
  }
  if (best === undefined) throw new Error('a graph without an order has no cycle');
  return best;
}

function cycleThrough(
  { nodes, start, to }: Successors,
  from: number,
  left: Int32Array,
): { readonly cycle?: readonly number[]; readonly steps: number } {
  const cameFrom = new Int32Array(nodes).fill(-1);
  const queue = [from];
  let steps = nodes;
  for (const node of queue) {
    for (let i = start[node]!; i < start[node + 1]!; i++) {
      const next = to[i]!;
      steps++;
      if (next === from) return { cycle: pathTo(cameFrom, node, from), steps };
      if (left[next] === 0 || cameFrom[next] !== -1) continue;
      cameFrom[next] = node;
      queue.push(next);
    }
  }
  return { steps };
}

function pathTo(cameFrom: Int32Array, node: number, from: number): readonly number[] {
  const path: number[] = [];
  for (let at = node; at !== from; at = cameFrom[at]!) path.push(at);
  path.push(from);
  return path.reverse();
}
