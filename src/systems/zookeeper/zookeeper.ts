/**
 * ZooKeeper: three servers. One that is asked to vote answers to the address on which the other listens, past any proxy: where links are to be cut,
 * each has a host of its own.
 */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { NodeId } from '../../contract/names.ts';
import type { Endpoint, Look, Place, ProcessSystem, Program } from '../../contract/system.ts';
import { versionOf } from '../programs.ts';
import { zookeeperSession } from './zookeeper-session.ts';

const TICK_MS = 200;
/** In ticks: how long a server may take to join, and how far it may lag before it is left. */
const INIT_LIMIT = 50;
const SYNC_LIMIT = 10;
/** Small heaps: there are three of them, and as many keys as fingers. */
const JAVA_FLAGS = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const JARS = ['zookeeper', 'zookeeper-jute', 'slf4j-api', 'slf4j-simple', 'netty-all', 'metrics-core', 'snappy-java'];

export const ZOOKEEPER: ProcessSystem = {
  name: 'zookeeper',
  nodes: 3,
  reads: {
    promises: {
      quorum: 'linearizable',
      sync: 'may be stale while one leader follows another: sync is no quorum operation',
      local: 'may be stale: any server answers from what it has applied',
    },
    strongest: 'quorum',
    nodeLocal: ['local', 'sync'],
  },
  workloads: ['register', 'cas-register', 'queue', 'set'],
  programs: [
    { name: 'java', places: ['/usr/bin'], package: 'default-jre-headless' },
    ...JARS.map((jar): Program => ({ name: `${jar}.jar`, places: ['/usr/share/java'], package: 'libzookeeper-java' })),
  ],
  version: async (program) => {
    const args = ['-XX:TieredStopAtLevel=1', '-cp', classPath(program), 'org.apache.zookeeper.Version'];
    return versionOf(program('java'), args, /(\d+\.\d+\.\d+)/);
  },
  cannot: {
    link: 'it takes hosts of their own for the servers, which take Linux, network namespaces and nftables: sudo apt-get install nftables iproute2',
    'link-trouble': 'servers answer a call for votes past any proxy; partition can be had',
  },
  links: 'hosts',
  ports: { client: 'clients', quorum: 'peers', election: 'peers' },
  prepare: async (node, place) => {
    writeFileSync(join(place.data(node), 'myid'), String(idOf(node, place)));
    writeFileSync(fileOf(node, place), `${linesFor(node, place).join('\n')}\n`);
  },
  processes: (node, place) => [
    {
      name: 'zookeeper',
      file: place.program('java'),
      args: [
        ...JAVA_FLAGS,
        '-cp',
        classPath(place.program),
        'org.apache.zookeeper.server.quorum.QuorumPeerMain',
        fileOf(node, place),
      ],
    },
  ],
  look,
  session: zookeeperSession,
};

function classPath(program: Place['program']): string {
  return JARS.map((jar) => program(`${jar}.jar`)).join(':');
}

function idOf(node: NodeId, { nodes }: Place): number {
  return nodes.indexOf(node) + 1;
}

function fileOf(node: NodeId, place: Place): string {
  return join(place.data(node), 'zoo.cfg');
}

function linesFor(node: NodeId, place: Place): readonly string[] {
  const client = place.listen(node, 'client');
  return [
    `tickTime=${TICK_MS}`,
    `initLimit=${INIT_LIMIT}`,
    `syncLimit=${SYNC_LIMIT}`,
    `dataDir=${place.data(node)}`,
    `clientPortAddress=${client.host}`,
    `clientPort=${client.port}`,
    'maxClientCnxns=0',
    'admin.enableServer=false',
    '4lw.commands.whitelist=srvr',
    ...place.nodes.map((id) => {
      const { host, port } = place.listen(id, 'quorum');
      return `server.${idOf(id, place)}=${host}:${port}:${place.listen(id, 'election').port}`;
    }),
  ];
}

/** A server that has no leader serves nobody, and says nothing. The term is the epoch, the upper half of a zxid. */
async function look(node: NodeId, place: Place, timeoutMs: number): Promise<Look | null> {
  const words = await fourLetters('srvr', place.listen(node, 'client'), timeoutMs);
  const mode = /^Mode: (leader|follower)$/m.exec(words)?.[1];
  const zxid = /^Zxid: 0x([0-9a-f]+)$/m.exec(words)?.[1];
  if (mode === undefined || zxid === undefined) return null;
  const role = mode === 'leader' ? 'leader' : 'follower';
  return { role, term: Number(BigInt(`0x${zxid}`) >> 32n), leader: role === 'leader' ? node : null };
}

function fourLetters(command: string, endpoint: Endpoint, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    let words = '';
    const socket = connect({ ...endpoint, timeout: timeoutMs }, () => socket.write(command));
    socket.on('data', (piece: Buffer) => (words += piece.toString()));
    socket.on('error', () => {});
    socket.once('timeout', () => socket.destroy());
    socket.once('close', () => resolve(words));
  });
}
