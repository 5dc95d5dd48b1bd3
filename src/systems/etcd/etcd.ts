/** etcd: three members on loopback, started by hand, spoken to over the HTTP/JSON gateway. No dependency, no service, no installation. */
import type { NodeId } from '../../contract/names.ts';
import type { Endpoint, Launch, Look, Place, ProcessSystem } from '../../contract/system.ts';
import { versionOf } from '../programs.ts';
import { HttpSession } from '../http-session.ts';
import { etcdSession } from './etcd-session.ts';

/** Short enough that a run of seconds sees elections, long enough for two busy cores. */
const HEARTBEAT_MS = 50;
const ELECTION_MS = 500;

export const ETCD: ProcessSystem = {
  name: 'etcd',
  nodes: 3,
  reads: {
    promises: {
      linearizable: 'linearizable',
      serializable: 'may be stale: any member answers from what it has applied',
    },
    strongest: 'linearizable',
    nodeLocal: ['serializable'],
  },
  workloads: ['cas-register', 'register', 'queue', 'set', 'lock'],
  programs: [{ name: 'etcd', places: ['/usr/bin'], package: 'etcd-server' }],
  version: async (program) => versionOf(program('etcd'), ['--version'], /etcd Version: (\S+)/),
  ports: { client: 'clients', peer: 'peers' },
  processes: (node, place) => [member(node, place)],
  look,
  session: etcdSession,
};

function member(node: NodeId, place: Place): Launch {
  const client = url(place.listen(node, 'client'));
  const flags = {
    name: node,
    'data-dir': place.data(node),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': url(place.listen(node, 'peer')),
    // All members have to agree on these: they are hashed into the names by which they know each other.
    'initial-advertise-peer-urls': url(place.reach(node, 'peer')),
    'initial-cluster': place.nodes.map((id) => `${id}=${url(place.reach(id, 'peer'))}`).join(),
    'initial-cluster-token': place.clusterId,
    'initial-cluster-state': 'new',
    'heartbeat-interval': HEARTBEAT_MS,
    'election-timeout': ELECTION_MS,
    // Once a member has stopped, its last election is not to keep the others from the next one.
    'pre-vote': true,
    logger: 'zap',
    'log-level': 'warn',
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return { name: 'etcd', file: place.program('etcd'), args };
}

function url({ host, port }: Endpoint): string {
  return `http://${host}:${port}`;
}

/** What the members call themselves, learnt as they are asked. */
const memberIds = new WeakMap<Place, Map<string, NodeId>>();

interface Status {
  readonly header?: { readonly member_id?: string };
  readonly leader?: string;
  readonly raftTerm?: string;
}

async function look(node: NodeId, place: Place, timeoutMs: number): Promise<Look | null> {
  const http = new HttpSession(place.listen(node, 'client'));
  const answer = await http.post('/v3/maintenance/status', {}, timeoutMs);
  http.close();
  if (answer.kind !== 'answered' || answer.status !== 200) return null;
  const { header, leader = '0', raftTerm } = answer.body as Status;
  const own = header?.member_id;
  if (own === undefined) return null;
  const names = memberIds.get(place) ?? new Map<string, NodeId>();
  memberIds.set(place, names.set(own, node));
  return {
    role: own === leader ? 'leader' : 'follower',
    term: Number(raftTerm ?? 0),
    leader: names.get(leader) ?? null,
  };
}
