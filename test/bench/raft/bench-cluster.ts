/** What the benchmark needs of a cluster of either system. Nodes are named by the addresses that their clients use. */
import type { LoaderTask } from './loader-task.ts';

export interface BenchCluster {
  readonly system: LoaderTask['system'];
  readonly addresses: readonly string[];
  /** One for each process. */
  readonly dataFolders: readonly string[];
  /** Waits for one. */
  leader(): Promise<string>;
  identityOf(address: string): LoaderTask['identity'];
  /** Of the processes that run. */
  pids(): readonly number[];
  /** Fsyncs of the log, and of whatever else it writes, by all processes since they started. */
  syncs(): Promise<number>;
  /** `kill -9`; resolves when the process is gone. */
  kill(address: string): Promise<void>;
  restart(address: string): Promise<void>;
  stop(): Promise<void>;
}
