/**
 * Slots: the clients of a run, how many of them are witnesses, and the process numbers that they use up.
 *
 * A witness is pinned to one node and only reads there. At least one stands at every node, because a leader that was deposed
 * without knowing it is seen by nobody who follows the new one. The others read and write, each through a node of its own. A
 * workload without reads has no witnesses.
 */
import type { NodeId } from '../contract/index.ts';

/** One client of the run. The history names it by process mod clients. */
export interface ClientSlot {
  readonly slot: number;
  readonly role: 'client' | 'witness';
  readonly entry: NodeId;
}

/** Writers left whatever the number of nodes: two, so that they can get in each other's way; one where there are two clients. */
function fewestWriters(clients: number): number {
  return Math.min(2, Math.ceil(clients / 2));
}

/** Who the clients are: writers first, then one witness a node as far as they go; none where there is nothing to read. */
export function layOutSlots(
  clients: number,
  nodes: readonly NodeId[],
  { hasReads }: { readonly hasReads: boolean },
): readonly ClientSlot[] {
  const witnesses = hasReads ? Math.min(nodes.length, clients - fewestWriters(clients)) : 0;
  const writers = clients - witnesses;
  return Array.from({ length: clients }, (_, slot) => {
    const isWitness = slot >= writers;
    const nth = isWitness ? slot - writers : slot;
    return { slot, role: isWitness ? 'witness' : 'client', entry: nodes[nth % nodes.length]! };
  });
}

/**
 * Process numbers (Jepsen): a process whose operation ended unknown may still be at it, so it is retired, and its client
 * goes on as process + number of clients.
 */
export class ProcessNumbers {
  readonly #clients: number;
  readonly #current: number[];

  constructor(clients: number) {
    this.#clients = clients;
    this.#current = Array.from({ length: clients }, (_, slot) => slot);
  }

  of(slot: number): number {
    return this.#current[slot]!;
  }

  /** Gives the slot a number that nobody has used. */
  retire(slot: number): number {
    return (this.#current[slot] = this.#current[slot]! + this.#clients);
  }
}
