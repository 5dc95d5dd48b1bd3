/** Names that every room of a run shares. */

/** `n1`, `n2` … */
export type NodeId = string;

/** What a cluster can be made to suffer; `link`: its links can be cut; `link-trouble`: they can be slow, or break; `probes`: it tells of every probe as it happens, and not of roles only. A plan that needs a missing one is refused by name before the run. */
export type Capability =
  | 'kill'
  | 'pause'
  | 'link'
  | 'link-trouble'
  | 'duplicate'
  | 'power-loss'
  | 'slow-disk'
  | 'disk'
  | 'fsync-error'
  | 'clock'
  | 'members'
  | 'probes';
