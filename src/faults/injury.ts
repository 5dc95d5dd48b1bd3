/** An injury whose cure is applied once. */
import type { Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';

/** The cure is applied once, however often it is asked for. */
export function injury(nodes: readonly NodeId[], evidence: string, cure: Injury['heal']): Injury {
  let cured: ReturnType<Injury['heal']> | undefined;
  return { nodes, evidence, heal: () => (cured ??= cure()) };
}
