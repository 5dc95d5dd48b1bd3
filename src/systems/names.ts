/** The systems that come with this program, by the names that `--system` takes. */

/** The bundled one first. */
export const SYSTEM_NAMES: readonly string[] = ['raft', 'etcd', 'redis', 'zookeeper', 'postgresql', 'nats'];

/** What `--system-cmd` starts. */
export const MAELSTROM = 'maelstrom';
