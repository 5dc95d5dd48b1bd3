/**
 * What a replica needs from its world, and all of it: a disk, a network, a clock. The node binary implements these on files
 * and sockets, the simulator on virtual ones; neither contains a protocol decision. Everything is synchronous: answers come
 * back through the replica's own entry points (`onPeer…`, `onDurable`, `onWake`).
 */
import type { Nanos } from '../base/time.ts';
import type { ProbeBody } from '../contract/probe.ts';
import type { NodeId } from '../raft/types.ts';

/**
 * Files of one folder. Names are plain, without a slash. Reads see everything written, synced or not. A host may make a file
 * longer than what was appended, by zeros; after a crash they may show, unless the last thing done to the file was `syncNow`.
 */
export interface Disk {
  list(): readonly string[];
  /** The whole file, or undefined if there is none. */
  read(name: string): Uint8Array | undefined;
  create(name: string): void;
  /** Writes at the end of the file. Throws the system's error (ENOSPC) once the disk is full; a part of the bytes may stand by then. */
  append(name: string, bytes: Uint8Array): void;
  rename(from: string, to: string): void;
  remove(name: string): void;
  /**
   * Starts to make durable everything appended to `name` so far; `onDurable(token)` of the replica is called once that is so,
   * in the order of the calls. Any number of tokens may be in flight; one fsync may serve many. If it fails, `onSyncFailed(error)` is
   * called first, which throws in a node that means to keep its promises.
   */
  sync(name: string, token: number): void;
  /** Begins, if the host can, to make durable what was appended to `name`, and tells nobody: `syncNow` then has less to wait for. */
  writeBack(name: string): void;
  /** As `sync`, but done when it returns, and it throws if it fails; for recovery, before the node serves. */
  syncNow(name: string): void;
  /** Makes creations, renames and removals durable; done when it returns. */
  syncFolder(): void;
  /** CRC-32 (IEEE), native in both worlds. `seed` continues an earlier one. */
  crc32(bytes: Uint8Array, seed?: number): number;
}

/** Connections by number. A peer connection is one-way as to who opened it; the host redials by itself after a loss. */
export interface Network {
  /**
   * The other members of the configuration in force, host:port by id: a connection to each is kept open. Others are called only as long
   * as they call here, at the address that their hello names, so that they can be answered.
   */
  setPeers(addresses: Readonly<Record<NodeId, string>>): void;
  /** One framed payload to a peer; dropped if there is no connection (Raft repeats itself). Frames are encoded by the replica. */
  sendToPeer(to: NodeId, payload: Uint8Array): void;
  /** An answer on a client's connection; dropped if the client is gone. */
  sendToClient(connection: number, payload: Uint8Array): void;
}

/** The node's own monotonic clock, possibly faulted in the simulator. */
export interface Clock {
  nowNs(): Nanos;
  /** Asks for one `onWake` at or after `atNs`; a later call replaces an earlier one. */
  wakeAt(atNs: Nanos): void;
  /** Runs `work` when what came together with the input at hand was handed over, before anything else that has to wait for that. */
  soon(work: () => void): void;
}

/** Where probes go. Never influences the replica. */
export interface Observer {
  probe(body: ProbeBody): void;
}
