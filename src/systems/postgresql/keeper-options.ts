/** What a keeper is told when it starts: plain data, which goes on its command line. */
import type { NodeId } from '../../contract/names.ts';
import type { Endpoint } from '../../contract/system.ts';

export interface KeeperOptions {
  readonly node: NodeId;
  /** Where its own server listens. */
  readonly self: Endpoint;
  /** Where the servers of the other nodes are reached from here. */
  readonly peers: Readonly<Record<NodeId, Endpoint>>;
  /** The server's data folder. */
  readonly folder: string;
  /** Where PostgreSQL's programs are. */
  readonly bin: string;
  /** Settings of the server, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** As whom the server runs; null for whoever runs the keeper. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}
