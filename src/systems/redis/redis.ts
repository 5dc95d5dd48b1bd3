/**
 * Redis: a primary and two replicas, and a sentinel beside each, which make a replica the primary where they miss the old one. A node here is a
 * Redis and its sentinel, as on one machine: they stop, die and are cut off together.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeId } from '../../contract/names.ts';
import type { Endpoint, Look, Place, ProcessSystem } from '../../contract/system.ts';
import { versionOf } from '../programs.ts';
import { RedisConnection } from './redis-connection.ts';
import { redisSession } from './redis-session.ts';
import type { Reply } from './resp.ts';

const PRIMARY = 'main';
const DOWN_AFTER_MS = 1000;
const FAILOVER_TIMEOUT_MS = 3000;
/** How often sentinels look: by themselves they learn of replicas every ten seconds, and a run has not so many. */
const LOOK_PERIODS = ['INFO-PERIOD', '500', 'PUBLISH-PERIOD', '500', 'PING-PERIOD', '200', 'ASK-PERIOD', '200'];
const ASK_MS = 1000;

export const REDIS: ProcessSystem = {
  name: 'redis',
  nodes: 3,
  reads: {
    promises: {
      primary:
        'may be stale, and acknowledged writes may be lost, where one primary is replaced by another: replication is asynchronous',
      replica: 'may be stale: any replica answers from what it has received',
    },
    strongest: 'primary',
    nodeLocal: ['replica'],
  },
  workloads: ['cas-register', 'register', 'queue', 'set', 'lock'],
  programs: [
    { name: 'redis-server', places: ['/usr/bin'], package: 'redis-server' },
    { name: 'redis-sentinel', places: ['/usr/bin'], package: 'redis-sentinel' },
  ],
  version: async (program) => versionOf(program('redis-server'), ['--version'], /v=(\S+)/),
  ports: { server: 'peers', sentinel: 'peers' },
  prepare: async (node, place) => {
    // Both write their files anew when they learn something: who the primary is.
    writeFileSync(serverFile(node, place), `${serverLines(node, place).join('\n')}\n`);
    writeFileSync(sentinelFile(node, place), `${sentinelLines(node, place).join('\n')}\n`);
  },
  processes: (node, place) => [
    { name: 'redis', file: place.program('redis-server'), args: [serverFile(node, place)] },
    { name: 'sentinel', file: place.program('redis-sentinel'), args: [sentinelFile(node, place)] },
  ],
  whole,
  look,
  session: redisSession,
};

function serverFile(node: NodeId, place: Place): string {
  return join(place.data(node), 'redis.conf');
}

function sentinelFile(node: NodeId, place: Place): string {
  return join(place.data(node), 'sentinel.conf');
}

function serverLines(node: NodeId, place: Place): readonly string[] {
  const [first] = place.nodes;
  const announced = place.reach(node, 'server');
  return [
    ...listening(place.listen(node, 'server'), place.data(node)),
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'repl-diskless-sync-delay 0',
    `replica-announce-ip ${announced.host}`,
    `replica-announce-port ${announced.port}`,
    ...(node === first ? [] : [`replicaof ${words(place.reach(first!, 'server'))}`]),
  ];
}

function sentinelLines(node: NodeId, place: Place): readonly string[] {
  const announced = place.reach(node, 'sentinel');
  const quorum = Math.floor(place.nodes.length / 2) + 1;
  return [
    ...listening(place.listen(node, 'sentinel'), place.data(node)),
    `sentinel announce-ip ${announced.host}`,
    `sentinel announce-port ${announced.port}`,
    `sentinel monitor ${PRIMARY} ${words(place.reach(place.nodes[0]!, 'server'))} ${quorum}`,
    `sentinel down-after-milliseconds ${PRIMARY} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${PRIMARY} ${FAILOVER_TIMEOUT_MS}`,
  ];
}

function listening({ host, port }: Endpoint, folder: string): readonly string[] {
  return [`bind ${host}`, `port ${port}`, `dir ${folder}`];
}

function words({ host, port }: Endpoint): string {
  return `${host} ${port}`;
}

/** Every sentinel has to know every replica and every other sentinel: before that no primary would be replaced. */
async function whole(place: Place): Promise<string | null> {
  const others = place.nodes.length - 1;
  for (const node of place.nodes) {
    const answer = await askOnce(place.listen(node, 'sentinel'), [
      ['SENTINEL', 'DEBUG', ...LOOK_PERIODS],
      ['SENTINEL', 'MASTER', PRIMARY],
    ]);
    const state = fieldsOf(answer?.[1]);
    const [sentinels, replicas] = [state.get('num-other-sentinels'), state.get('num-slaves')];
    if (Number(sentinels) !== others || Number(replicas) !== others)
      return `the sentinel of ${node} knows ${sentinels ?? 'no'} other sentinels and ${replicas ?? 'no'} replicas`;
    const role = (await askOnce(place.listen(node, 'server'), [['ROLE']]))?.[0];
    if (!Array.isArray(role) || (role[0] === 'slave' && role[3] !== 'connected')) return `${node} has no primary yet`;
  }
  return null;
}

/** Its role it says itself; the term is how often, as far as its sentinel knows, a primary was chosen. */
async function look(node: NodeId, place: Place, timeoutMs: number): Promise<Look | null> {
  const [said, known] = await Promise.all([
    askOnce(place.listen(node, 'server'), [['ROLE']], timeoutMs),
    askOnce(place.listen(node, 'sentinel'), [['SENTINEL', 'MASTER', PRIMARY]], timeoutMs),
  ]);
  const role = said?.[0];
  const epoch = fieldsOf(known?.[0]).get('config-epoch');
  if (!Array.isArray(role) || epoch === undefined) return null;
  const isPrimary = role[0] === 'master';
  const primary = place.nodes.find((id) => place.reach(id, 'server').port === Number(role[2]));
  return {
    role: isPrimary ? 'leader' : 'follower',
    term: Number(epoch) + 1,
    leader: isPrimary ? node : (primary ?? null),
  };
}

async function askOnce(
  endpoint: Endpoint,
  commands: readonly (readonly string[])[],
  timeoutMs: number = ASK_MS,
): Promise<readonly Reply[] | null> {
  const connection = new RedisConnection(endpoint);
  const answer = await connection.ask(commands, timeoutMs);
  connection.close();
  return answer.kind === 'answered' ? answer.replies : null;
}

/** A list of names and values in turn. */
function fieldsOf(reply: Reply | undefined): ReadonlyMap<string, string> {
  const list = (Array.isArray(reply) ? (reply as readonly Reply[]) : []).map((it) =>
    typeof it === 'string' ? it : '',
  );
  return new Map(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? ''] as const] : [])));
}
