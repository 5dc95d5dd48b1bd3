/**
 * PostgreSQL: a primary and two streaming replicas. Nobody promotes a replica here: PostgreSQL itself does not, and whoever does is another system.
 *
 * It refuses to run as root, so root starts it as the user `postgres`, who has to be able to reach the run's folder.
 */
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { appendFileSync, chownSync, cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StalemateError } from '../../base/errors.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Launch, Look, Place, ProcessSystem } from '../../contract/system.ts';
import { PgConnection, SUPERUSER, type PgAnswer } from './pg-connection.ts';
import { pgSession, TABLE } from './pg-session.ts';

const VERSIONS = [17, 16, 15, 14, 13];
const PLACES = VERSIONS.map((version) => `/usr/lib/postgresql/${version}/bin`);
const ASK_MS = 2000;

export const POSTGRESQL: ProcessSystem = {
  name: 'postgresql',
  nodes: 3,
  reads: {
    promises: {
      primary: 'linearizable',
      replica: 'may be stale: any replica answers from what it has replayed',
    },
    strongest: 'primary',
    nodeLocal: ['replica'],
  },
  workloads: ['cas-register', 'register'],
  programs: [
    { name: 'postgres', places: PLACES, package: 'postgresql' },
    { name: 'initdb', places: PLACES, package: 'postgresql' },
  ],
  version: async (program) => {
    const words = execFileSync(program('postgres'), ['--version'], { encoding: 'utf8' });
    return /(\d+\.\d+)/.exec(words)?.[1] ?? 'of an unknown version';
  },
  ports: { server: 'peers' },
  prepare: async (node, place) => (node === place.nodes[0] ? makePrimary(node, place) : makeReplica(node, place)),
  processes: (node, place) => [launch(node, place)],
  whole,
  look,
  session: pgSession,
};

function launch(node: NodeId, place: Place): Launch {
  const user = servant();
  return {
    name: 'postgresql',
    file: place.program('postgres'),
    args: ['-D', folderOf(node, place)],
    ...(user !== null && { user }),
  };
}

function folderOf(node: NodeId, place: Place): string {
  return join(place.data(node), 'pg');
}

/** Whom root lets run it; null for anybody else, who runs it by himself. */
function servant(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, SUPERUSER], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function makePrimary(node: NodeId, place: Place): void {
  const folder = ownFolder(node, place);
  const options: ExecFileSyncOptions = { stdio: 'ignore', cwd: '/', ...servant() };
  const flags = ['-D', folder, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(place.program('initdb'), flags, options);
  appendFileSync(join(folder, 'postgresql.conf'), settings(node, place));
}

/** A copy of an empty database that was shut down in order is where a replica may begin. */
function makeReplica(node: NodeId, place: Place): void {
  const primary = place.nodes[0]!;
  const folder = ownFolder(node, place);
  cpSync(folderOf(primary, place), folder, { recursive: true });
  const { host, port } = place.reach(primary, 'server');
  const conninfo = `host=${host} port=${port} user=${SUPERUSER} application_name=${node}`;
  appendFileSync(join(folder, 'postgresql.conf'), `${settings(node, place)}primary_conninfo = '${conninfo}'\n`);
  writeFileSync(join(folder, 'standby.signal'), '');
  const user = servant();
  if (user !== null) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
}

function ownFolder(node: NodeId, place: Place): string {
  const folder = folderOf(node, place);
  const user = servant();
  if (user !== null) refuseUnreachable(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  if (user !== null) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Throws a usage error where a folder on the way is closed to others than its owner. */
function refuseUnreachable(folder: string): void {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if ((statSync(at).mode & 0o001) !== 0) continue;
    throw new StalemateError(
      'usage',
      `PostgreSQL does not run as root, and the user ${SUPERUSER} cannot enter ${at}`,
      '--out FOLDER, somewhere that everybody can reach, or run it as another user than root',
    );
  }
}

function settings(node: NodeId, place: Place): string {
  const { host, port } = place.listen(node, 'server');
  const lines = {
    listen_addresses: `'${host}'`,
    port,
    unix_socket_directories: `''`,
    shared_buffers: '16MB',
    max_connections: 200,
    wal_keep_size: '256MB',
    wal_receiver_timeout: '2s',
    wal_sender_timeout: '2s',
    wal_retrieve_retry_interval: '200ms',
    autovacuum: 'off',
  };
  return `\n${Object.entries(lines)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')}`;
}

/** The table is there, and both replicas stream. */
async function whole(place: Place): Promise<string | null> {
  const primary = place.nodes[0]!;
  const made = await ask(primary, place, `CREATE TABLE IF NOT EXISTS ${TABLE} (key text PRIMARY KEY, value text)`);
  if (made.kind !== 'answered') return `${primary}: ${made.error}`;
  const found = await ask(primary, place, `SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'`);
  const streaming = found.kind === 'answered' ? Number(found.rows[0]?.[0]) : 0;
  return streaming === place.nodes.length - 1 ? null : `${streaming} replicas stream`;
}

/** The term is the timeline, which grows with every promotion. */
async function look(node: NodeId, place: Place, timeoutMs: number): Promise<Look | null> {
  const sql = 'SELECT pg_is_in_recovery(), timeline_id FROM pg_control_checkpoint()';
  const found = await ask(node, place, sql, timeoutMs);
  const row = found.kind === 'answered' ? found.rows[0] : undefined;
  if (row === undefined) return null;
  const role = row[0] === 'f' ? 'leader' : 'follower';
  return { role, term: Number(row[1]), leader: place.nodes[0]! };
}

async function ask(node: NodeId, place: Place, sql: string, timeoutMs: number = ASK_MS): Promise<PgAnswer> {
  const connection = new PgConnection(place.listen(node, 'server'));
  const answer = await connection.ask(sql, timeoutMs);
  connection.close();
  return answer;
}
