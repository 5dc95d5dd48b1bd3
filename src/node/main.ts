/**
 * The bundled Raft node as a program: one replica on sockets, files and the machine's clock. Everything that decides anything
 * is in the replica; this file only connects its ports to the world.
 *
 *     node dist/src/node/main.js --id n1 --cluster-id C --members n1=127.0.0.1:20001,n2=127.0.0.1:20002,n3=127.0.0.1:20003 \
 *       --data DIR --probes FILE --epoch NS --election-ms 150-300 --heartbeat-ms 30 --seed S --init
 *
 * `--clock-drift 0.1` declares how far two clocks of the cluster may go apart, as a share: leases are shorter by it.
 *
 * A node that joins a cluster has `--join --address 127.0.0.1:20004` instead of `--members`, and waits until a leader calls.
 *
 * Exit codes: 0 when its controller is gone, 1 when it cannot or must not go on, with one line on standard error.
 */
import { StalemateError } from '../base/errors.ts';
import { msToNs } from '../base/time.ts';
import { Replica, rulesOf } from '../replica/index.ts';
import { Control, type RoleEvent } from './control.ts';
import { FileDisk } from './file-disk.ts';
import { listen } from './listener.ts';
import { MonotonicClock } from './monotonic-clock.ts';
import { readOptions, type NodeOptions } from './options.ts';
import { ProbeFile } from './probe-file.ts';
import { SocketNetwork } from './socket-network.ts';
import { Turn } from './turn.ts';

function runNode(options: NodeOptions): void {
  const { id, clusterId, address } = options;
  const turn = new Turn();
  const onSockets = (work: () => void): void => turn.at('sockets', work);
  const clock = new MonotonicClock({
    epochNs: options.epochNs,
    soon: (work) => turn.at('inputs', work),
    onWake: () => replica.onWake(),
  });
  const observer = new ProbeFile({
    path: options.probesPath,
    node: id,
    nowNs: () => clock.hostNs(),
    atTurnEnd: (work) => turn.at('probes', work),
    onProbe: (probe) => {
      if (probe.kind === 'role') control.tellRole(probe);
    },
  });
  process.on('exit', () => observer.flush());
  const disk = new FileDisk({
    folder: options.dataFolder,
    undoFolder: options.undoFolder,
    atTurnEnd: (work) => turn.at('disk', work),
    onDurable: (token) => replica.onDurable(token),
    onSyncFailed: (error) => replica.onSyncFailed(error),
  });
  const network = new SocketNetwork({
    clusterId,
    id,
    address,
    atTurnEnd: onSockets,
    onPeerMessage: (from, payload) => replica.onPeerMessage(from, payload),
    onClientRequest: (connection, payload) => replica.onClientRequest(connection, payload),
    onClientClosed: (connection) => replica.onClientClosed(connection),
  });
  const replicaOptions = replicaOptionsOf(options);
  const { rules } = replicaOptions;
  const replica = new Replica(replicaOptions, { disk, network, clock, observer });
  const control = new Control({
    status: () => {
      const { role, term, leader, commitIndex, lastIndex, attestedThrough, configuration } = replica.status();
      const { voters, outgoing, learners } = configuration;
      return {
        role,
        term,
        leader,
        commitIndex,
        lastIndex,
        attestedThrough,
        members: { voters, outgoing, learners },
        links: network.counters(),
        syncs: disk.syncs,
        delayedSyncs: disk.delayedSyncs,
        clockNs: clock.nowNs(),
        hostNs: clock.hostNs(),
      };
    },
    role: (): RoleEvent => {
      const { role, term, leader } = replica.status();
      return { kind: 'role', time: clock.hostNs(), node: id, role, term, leader };
    },
    setFilter: (filter) => network.setFilter(filter),
    setDisk: (trouble) => disk.suffer(trouble),
    setClock: (fault) => clock.disturb(fault),
    onAbandoned: () => process.exit(0),
  });

  network.setFilter(options);
  replica.start();
  listen(
    {
      address,
      called: () => ({ clusterId, id, peers: network.peers, rules }),
      atTurnEnd: onSockets,
      onConnection: (hello, connection, from) => {
        if (hello.role === 'peer') network.acceptPeer({ from, address: hello.address }, connection);
        else if (hello.role === 'client') network.acceptClient(connection);
        else control.accept(connection);
      },
      onFatal: fail,
    },
    () => process.stdout.write(`${JSON.stringify({ ready: id, address, pid: process.pid })}\n`),
  );
}

type ReplicaOptions = ConstructorParameters<typeof Replica>[0];

function replicaOptionsOf(options: NodeOptions): ReplicaOptions {
  const { id, clusterId, members, init, seed, electionTimeoutMs, heartbeatMs, mutant } = options;
  const { snapshotEntries, hashEntries } = options;
  const rules = rulesOf(mutant);
  if (rules === undefined) throw new StalemateError('usage', `--mutant ${mutant}: there is no such mutant`);
  const core = {
    id,
    electionTimeoutMinNs: msToNs(electionTimeoutMs[0]),
    electionTimeoutMaxNs: msToNs(electionTimeoutMs[1]),
    heartbeatNs: msToNs(heartbeatMs),
    clockDrift: options.clockDrift,
    preVote: options.preVote,
    checkQuorum: options.checkQuorum,
    maxEntriesPerMessage: options.maxEntriesPerMessage,
    maxInFlight: options.maxInFlight,
  };
  const snapshots = snapshotEntries === null ? {} : { everyEntries: snapshotEntries, keepEntries: snapshotEntries };
  const hashes = hashEntries === null ? {} : { hashEveryEntries: hashEntries };
  return { clusterId, id, members, init, core, rules, seed, snapshots, ...hashes };
}

/** A refusal, a wrong flag or an error of the machine is one line; a defect keeps its stack. */
function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? describe(error) : String(error)}\n`);
  process.exit(1);
}

function describe(error: Error & { readonly code?: unknown }): string {
  const expected = error instanceof StalemateError || 'syscall' in error || String(error.code).startsWith('ERR_PARSE_');
  return expected ? error.message : (error.stack ?? error.message);
}

process.on('uncaughtException', fail);
runNode(readOptions(process.argv.slice(2)));
