/** What the faults of a process cluster share: the nodes that they hit. */
import type { NodeId } from '../contract/names.ts';
import type { Links } from './links.ts';
import type { NodeProcess } from './node-process.ts';

/** The nodes in somebody's care. */
export interface Ward {
  readonly links: Links;
  node(id: NodeId): NodeProcess;
  /** Faults may overlap: a node that is down starts again when everyone who held it has let go. */
  hold(node: NodeProcess): void;
  /** Lets go, and says in words what became of the node. */
  release(node: NodeProcess): Promise<string>;
}
