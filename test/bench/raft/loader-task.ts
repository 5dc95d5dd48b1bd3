/** What a loader process is asked to do, and what it answers: JSON, as its argument and on its standard output. */

/** A closed loop: each client sends its next request when the last one was answered. */
export interface LoaderTask {
  readonly system: 'stalemate' | 'etcd';
  /** host:port of the leader, to which everything goes. */
  readonly leader: string;
  /** What a connection must name to be accepted; of etcd nothing. */
  readonly identity: { readonly clusterId: string; readonly node: string } | undefined;
  readonly kind: 'put' | 'get';
  readonly clients: number;
  /** Clients share so many TCP connections. */
  readonly connections: number;
  readonly keys: number;
  readonly valueBytes: number;
  /** Where the history goes, whose lines, processes and written values are numbered from here on; null for none. */
  readonly history: {
    readonly file: string;
    readonly firstIndex: number;
    readonly firstProcess: number;
    readonly firstValue: number;
  } | null;
  /** Not counted, then counted. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What was measured. */
export interface LoaderResult {
  readonly operations: number;
  /** Requests that were not answered with success. */
  readonly failures: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Written to the history. */
  readonly lines: number;
  readonly processes: number;
  readonly values: number;
  /** CPU of the loader while it measured. */
  readonly cpuSeconds: number;
}

/** One TCP connection on which requests of many clients are under way. */
export interface LoadConnection {
  /** Prepares a client of its own. */
  client(): Promise<LoadClient>;
  close(): void;
}

/** One client, with one request at a time. */
export interface LoadClient {
  /** Resolves to whether it succeeded. The value is long, and begins with that number. */
  put(key: number, value: number): Promise<boolean>;
  /** Resolves to the number that the value begins with, null where the key has none, undefined where it failed. Of etcd's values only that they came. */
  get(key: number): Promise<number | null | undefined>;
}
