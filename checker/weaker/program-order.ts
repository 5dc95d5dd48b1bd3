/**
 * The program order of the clients as chains: in a chain every operation is before the next one. A client that does one thing
 * after another is one chain; operations of a client that overlap (or touch: equal times count as concurrent) need several.
 * An operation of unknown outcome comes after what its client did before, and before nothing: it is in no chain here.
 */
import { NEVER } from '../linear/columns.ts';
import { NONE } from '../linear/register-part.ts';
import type { ClientHistory } from './client-history.ts';
import { Edges } from './graph.ts';

/** The chains of a history's clients. */
export interface ProgramOrder {
  /** By operation; NONE for those of unknown outcome. */
  readonly chainOf: Int32Array;
  readonly chains: number;
  /** From each operation to those right after it. */
  readonly edges: Edges;
}

/** The program order of a history. */
export function programOrderOf({ count, clients, client, events, ret, isSecondHalf }: ClientHistory): ProgramOrder {
  const chainOf = new Int32Array(count).fill(NONE);
  const edges = new Edges();
  const chainsOf: number[][] = Array.from({ length: clients }, () => []);
  // By chain: its last operation, and its last operation that has returned.
  const last: number[] = [];
  const returned: number[] = [];
  for (const entry of events) {
    if (entry < 0) {
      returned[chainOf[~entry]!] = ~entry;
      continue;
    }
    if (isSecondHalf?.[entry] === 1) {
      const whole = chainOf[entry - 1]!;
      chainOf[entry] = whole;
      last[whole] = entry;
      edges.add(entry - 1, entry);
      continue;
    }
    const its = chainsOf[client[entry]!]!;
    for (const chain of its) if (returned[chain] !== NONE) edges.add(returned[chain]!, entry);
    if (ret[entry] === NEVER) continue;
    let chain = its.find((one) => last[one] === returned[one]);
    if (chain === undefined) {
      its.push((chain = last.length));
      returned.push(NONE);
    }
    last[chain] = entry;
    chainOf[entry] = chain;
  }
  return { chainOf, chains: last.length, edges };
}
