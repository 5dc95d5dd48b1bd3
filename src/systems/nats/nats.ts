/** NATS with JetStream: three servers, and a key-value bucket of which each has a replica. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeId } from '../../contract/names.ts';
import type { Endpoint, Look, Place, ProcessSystem } from '../../contract/system.ts';
import { NatsConnection } from './nats-connection.ts';
import { natsSession, STREAM, SUBJECTS } from './nats-session.ts';

const ASK_MS = 2000;
/** A leader that has heard of no other server for so long does not count as one. */
const ALONE_AFTER_NS = 3e9;

export const NATS: ProcessSystem = {
  name: 'nats',
  nodes: 3,
  reads: {
    promises: {
      leader: 'may be stale: the leader of the stream answers without asking whether it still is one',
      direct: 'may be stale: whichever server is picked answers from its replica',
    },
    strongest: 'leader',
    // The servers share such questions among them, and an answer does not say whose it is.
    nodeLocal: [],
  },
  workloads: ['register', 'cas-register'],
  programs: [{ name: 'nats-server', places: ['/usr/sbin', '/usr/bin'], package: 'nats-server' }],
  version: async (program) => {
    const words = execFileSync(program('nats-server'), ['--version'], { encoding: 'utf8' });
    return /v(\d\S*)/.exec(words)?.[1] ?? 'of an unknown version';
  },
  ports: { client: 'clients', cluster: 'peers' },
  prepare: async (node, place) => writeFileSync(fileOf(node, place), configuration(node, place)),
  processes: (node, place) => [
    { name: 'nats', file: place.program('nats-server'), args: ['--config', fileOf(node, place)] },
  ],
  whole,
  look,
  session: natsSession,
};

function fileOf(node: NodeId, place: Place): string {
  return join(place.data(node), 'nats.conf');
}

/** Servers tell each other of those that they know: by the address of the proxy, too. */
function configuration(node: NodeId, place: Place): string {
  const others = place.nodes.filter((id) => id !== node);
  return `
server_name: ${node}
listen: "${words(place.listen(node, 'client'))}"
jetstream { store_dir: ${JSON.stringify(place.data(node))} }
cluster {
  name: stalemate
  listen: "${words(place.listen(node, 'cluster'))}"
  cluster_advertise: "${words(place.reach(node, 'cluster'))}"
  routes: [ ${others.map((id) => `"nats-route://${words(place.reach(id, 'cluster'))}"`).join(', ')} ]
}
`;
}

function words({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

interface StreamInfo {
  readonly cluster?: {
    readonly leader?: string;
    readonly replicas?: readonly { readonly offline?: boolean; readonly current: boolean; readonly active: number }[];
  };
  readonly error?: { readonly description?: string };
}

/** The bucket is made, and every replica of it has caught up. */
async function whole(place: Place): Promise<string | null> {
  const [first] = place.nodes;
  const stream = {
    name: STREAM,
    subjects: [`${SUBJECTS}.>`],
    max_msgs_per_subject: 1,
    num_replicas: place.nodes.length,
    discard: 'new',
    storage: 'file',
    allow_direct: true,
    deny_delete: true,
    allow_rollup_hdrs: true,
  };
  const made = await api(first!, place, `STREAM.CREATE.${STREAM}`, stream, ASK_MS);
  if (made === null || made.error !== undefined) return `no bucket yet: ${made?.error?.description ?? 'no answer'}`;
  const info = await api(first!, place, `STREAM.INFO.${STREAM}`, null, ASK_MS);
  const current = (info?.cluster?.replicas ?? []).filter((replica) => replica.current).length;
  return current === place.nodes.length - 1 ? null : `${current} replicas of the bucket have caught up`;
}

/**
 * Only the leader of the stream answers, so each server is asked who that is, and the leader itself whom it has heard of. NATS tells no term of a
 * stream's group; how often another leader was seen takes its place.
 */
async function look(node: NodeId, place: Place, timeoutMs: number): Promise<Look | null> {
  const info = await api(node, place, `STREAM.INFO.${STREAM}`, null, timeoutMs);
  const leader = place.nodes.find((id) => id === info?.cluster?.leader);
  const replicas = info?.cluster?.replicas ?? [];
  if (leader === undefined || !replicas.some(({ offline, active }) => offline !== true && active < ALONE_AFTER_NS))
    return null;
  const seen = leaders.get(place) ?? { leader, term: 1 };
  const now = seen.leader === leader ? seen : { leader, term: seen.term + 1 };
  leaders.set(place, now);
  return { role: leader === node ? 'leader' : 'follower', term: now.term, leader };
}

const leaders = new WeakMap<Place, { readonly leader: NodeId; readonly term: number }>();

/** A question to JetStream by way of that server; null where nobody answers. */
async function api(
  node: NodeId,
  place: Place,
  subject: string,
  question: object | null,
  timeoutMs: number,
): Promise<StreamInfo | null> {
  const connection = new NatsConnection(place.listen(node, 'client'));
  const payload = question === null ? '' : JSON.stringify(question);
  const answer = await connection.ask({ subject: `$JS.API.${subject}`, payload }, timeoutMs);
  connection.close();
  return answer.kind === 'answered' ? (JSON.parse(answer.message.payload) as StreamInfo) : null;
}
