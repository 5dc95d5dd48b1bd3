/**
 * Systems under test: what is known of one before anything is started, and how its processes are started, looked into and talked to.
 *
 * A `SystemFacts` is plain data (see there). A `LoadedSystem` can be started, whatever it consists of. A `ProcessSystem` is the usual kind: programs on this
 * machine, a few for each node; one file describes it, and the machinery of processes, faults and clients is shared.
 */
import type { Call } from '../../checker/index.ts';
import type { ClientOptions, Cluster, Completion } from './cluster.ts';
import type { NodeId } from './names.ts';
import type { Plan } from './plan.ts';
import type { Role } from './probe.ts';
import type { SystemFacts } from './system-facts.ts';

/** A node that ended by itself: a defect, a refusal, a full disk. */
export interface Crash {
  readonly node: NodeId;
  /** `exit code 1`, `SIGSEGV`. */
  readonly how: string;
  /** The end of its output. */
  readonly output: string;
}

/** What a cluster is started with. */
export interface StartOptions {
  readonly plan: Plan;
  /** The run's folder: everything goes to nodes/<n>/ in it. */
  readonly folder: string;
  /** No other cluster has it. */
  readonly clusterId: string;
  /** process.hrtime.bigint() of the moment when the run began. */
  readonly epochNs: bigint;
  /** A node ended by itself. It stays down. */
  readonly onCrash: (crash: Crash) => void;
  /** Ctrl-C: nobody waits for it any more. */
  readonly signal?: { readonly aborted: boolean };
}

/** A cluster that serves. */
export interface RunningCluster extends Cluster {
  /** From the first process started to the first answer that proves that it serves. */
  readonly readyMs: number;
  /**
   * Where nodes write probes by clocks of their own: measures once more, and gives by node how far its probes' times may be from this clock,
   * in ms, by the worst measurement so far. A node that never could be asked is left out.
   */
  clockErrorsMs?(): Promise<Readonly<Record<NodeId, number>>>;
}

/** A system that can be started: what it needs was found. */
export interface LoadedSystem {
  readonly facts: SystemFacts;
  /** Before anything is made: throws a usage error where that plan cannot be carried out, or not in that folder. */
  readonly refuse?: (plan: Plan, out: string) => void;
  /** Resolves when it really serves. If that fails nothing is left behind. */
  readonly start: (options: StartOptions) => Promise<RunningCluster>;
}

/** A program that a system needs. */
export interface Program {
  readonly name: string;
  /** Folders, besides those of PATH, where Debian puts it: absolute. */
  readonly places: readonly string[];
  /** Debian's package that has it. */
  readonly package: string;
}

/** Host and port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a cluster is, for those who start its nodes and for its clients. */
export interface Place {
  readonly clusterId: string;
  readonly nodes: readonly NodeId[];
  readonly seed: string;
  /** The path of a program. */
  readonly program: (name: string) => string;
  /** Where a node listens on one of its ports. Clients connect there. */
  readonly listen: (node: NodeId, port: string) => Endpoint;
  /** Where the other nodes reach it: of a port for `peers` that is a proxy, which can cut and slow down who speaks to whom. */
  readonly reach: (node: NodeId, port: string) => Endpoint;
  /** nodes/<n>/data, which is there. */
  readonly data: (node: NodeId) => string;
}

/** One process of a node. */
export interface Launch {
  /** Names it where a node has several; its output goes to `<name>.log`. */
  readonly name: string;
  /** Path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  /** Besides those that everything here has. */
  readonly env?: Readonly<Record<string, string>>;
  /** nodes/<n>/data where left out. */
  readonly cwd?: string;
  /** Where it must not run as the one who runs this. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** What a node believes. */
export interface Look {
  readonly role: Role;
  /** Grows with every leader; 0 where the system has no such number. */
  readonly term: number;
  /** Whom it takes for the leader, where it knows. */
  readonly leader: NodeId | null;
}

/** Proven to have had no effect, and no answer to the question: another node, or the same one later, may do it. */
export interface Refusal {
  readonly kind: 'refused';
  readonly error: string;
  /** Who may know better. */
  readonly leader?: NodeId;
}

/** One client's connection to one node. Connects when it is first used, and again after it broke. Never sends anything twice. */
export interface Session {
  /** One attempt. Resolves within `timeoutMs`: a request that left and was not answered is `unknown`. */
  ask(call: Call, timeoutMs: number): Promise<Completion | Refusal>;
  close(): Promise<void>;
}

/** What a port is for: `clients` are never cut off, `peers` are reached through proxies, or on hosts of their own. */
export type PortUse = 'clients' | 'peers';

/** A system of processes on this machine. */
export interface ProcessSystem extends Pick<SystemFacts, 'name' | 'nodes' | 'reads' | 'workloads' | 'cannot'> {
  readonly programs: readonly Program[];
  /** Asks a program that was found, by its path. */
  version(program: (name: string) => string): Promise<string>;
  /** The ports of each node, by name. */
  readonly ports: Readonly<Record<string, PortUse>>;
  /** `hosts`: its nodes speak past any proxy, so that where links are to be cut each gets a host of its own, a network namespace. */
  readonly links?: 'hosts';
  /** Throws a usage error where its nodes could not live in that folder, which may not be there yet. */
  refuse?(folder: string): void;
  /** Before the first life of a node: configuration files, an empty database. */
  prepare?(node: NodeId, place: Place): Promise<void>;
  /** The processes of a node, in order of start; the same in every life. A fault of a node hits all of them. */
  processes(node: NodeId, place: Place): readonly Launch[];
  /** What that node believes; null where it does not say. */
  look(node: NodeId, place: Place, timeoutMs: number): Promise<Look | null>;
  /** Once every node answers: whether the cluster is whole; the reason why not, or null. Without it, a write and reads have to do. */
  whole?(place: Place): Promise<string | null>;
  session(node: NodeId, place: Place, options: ClientOptions): Session;
  /** How long it may take until it serves; 30 s where left out. */
  readonly readyWithinMs?: number;
}
