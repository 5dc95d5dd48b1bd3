/**
 * PostgreSQL: a primary and two streaming replicas, each with a keeper (keeper.ts), which makes a replica the primary where a majority misses the old
 * one: PostgreSQL itself promotes nobody.
 *
 * It refuses to run as root, so root starts it as the user `postgres`, who has to be able to reach the run's folder.
 */
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StalemateError } from '../../base/errors.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Launch, Look, Place, ProcessSystem } from '../../contract/system.ts';
import { programArgs } from '../../spawn/own-program.ts';
import { versionOf } from '../programs.ts';
import type { KeeperOptions } from './keeper-options.ts';
import { PgConnection, SUPERUSER, type PgAnswer } from './pg-connection.ts';
import { pgSession } from './pg-session.ts';
import { MAKE_TABLES } from './pg-words.ts';
import { conninfoOf, makeStandby } from './server.ts';
import { standingOf } from './standing.ts';

const VERSIONS = [20, 19, 18, 17, 16, 15, 14, 13];
const PLACES = VERSIONS.map((version) => `/usr/lib/postgresql/${version}/bin`);
const ASK_MS = 2000;

export const POSTGRESQL: ProcessSystem = {
  name: 'postgresql',
  nodes: 3,
  reads: {
    promises: {
      primary:
        'may be stale, and acknowledged writes may be lost, where one primary is replaced by another: replication is asynchronous',
      replica: 'may be stale: any replica answers from what it has replayed',
    },
    strongest: 'primary',
    nodeLocal: ['replica'],
  },
  workloads: ['cas-register', 'register', 'queue', 'set', 'lock'],
  programs: [
    { name: 'postgres', places: PLACES, package: 'postgresql' },
    { name: 'initdb', places: PLACES, package: 'postgresql' },
  ],
  version: async (program) => versionOf(program('postgres'), ['--version'], /(\d+\.\d+)/),
  ports: { server: 'peers' },
  refuse: refuseUnreachable,
  prepare: async (node, place) => (node === place.nodes[0] ? makePrimary(node, place) : makeReplica(node, place)),
  processes: (node, place) => [launch(node, place)],
  whole,
  look,
  session: pgSession,
};

function launch(node: NodeId, place: Place): Launch {
  const others = place.nodes.filter((id) => id !== node);
  const keeper: KeeperOptions = {
    node,
    self: place.listen(node, 'server'),
    peers: Object.fromEntries(others.map((id) => [id, place.reach(id, 'server')])),
    folder: folderOf(node, place),
    bin: binFolder(place),
    settings: settings(node, place),
    user: servant(),
  };
  return {
    name: 'keeper',
    file: process.execPath,
    args: [...programArgs('systems/postgresql/keeper-main'), JSON.stringify(keeper)],
  };
}

/** Where the programs of one version are: PATH may have links to some, or scripts that choose a version. */
function binFolder(place: Place): string {
  return dirname(realpathSync(place.program('postgres')));
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
  execFileSync(join(binFolder(place), 'initdb'), flags, options);
}

/** A copy of an empty database that was shut down in order is where a replica may begin. */
function makeReplica(node: NodeId, place: Place): void {
  const primary = place.nodes[0]!;
  const folder = ownFolder(node, place);
  cpSync(folderOf(primary, place), folder, { recursive: true });
  const user = servant();
  makeStandby(folder, conninfoOf(node, place.reach(primary, 'server')), user);
  if (user !== null) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
}

function ownFolder(node: NodeId, place: Place): string {
  const folder = folderOf(node, place);
  const user = servant();
  refuseUnreachable(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  if (user !== null) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Throws a usage error where root runs this, and a folder on the way is closed to others than its owner. */
function refuseUnreachable(folder: string): void {
  if (servant() === null) return;
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if (!existsSync(at) || (statSync(at).mode & 0o001) !== 0) continue;
    throw new StalemateError(
      'usage',
      `PostgreSQL does not run as root, and the user ${SUPERUSER} cannot enter ${at}`,
      '--out FOLDER, somewhere that everybody can reach, or run it as another user than root',
    );
  }
}

function settings(node: NodeId, place: Place): KeeperOptions['settings'] {
  const { host, port } = place.listen(node, 'server');
  return {
    listen_addresses: host,
    port: String(port),
    unix_socket_directories: '',
    shared_buffers: '16MB',
    max_connections: '200',
    wal_keep_size: '256MB',
    wal_receiver_timeout: '1500ms',
    wal_sender_timeout: '1500ms',
    wal_retrieve_retry_interval: '200ms',
    autovacuum: 'off',
  };
}

/** There is a primary, from which the others receive, and the tables are there. */
async function whole(place: Place): Promise<string | null> {
  const standings = await Promise.all(place.nodes.map((node) => standingOf(place.listen(node, 'server'), ASK_MS)));
  const primary = place.nodes[standings.findIndex((standing) => standing?.isPrimary === true)];
  if (primary === undefined) return 'none of them is a primary';
  const receiving = standings.filter((standing) => standing?.receivesFrom === place.reach(primary, 'server').port);
  if (receiving.length < place.nodes.length - 1) return `${receiving.length} replicas receive from ${primary}`;
  const made = await ask(primary, place, MAKE_TABLES);
  return made.kind === 'answered' ? null : `${primary}: ${made.error}`;
}

/** The term is the timeline. A replica takes the one for the leader that it receives from. */
async function look(node: NodeId, place: Place, timeoutMs: number): Promise<Look | null> {
  const standing = await standingOf(place.listen(node, 'server'), timeoutMs);
  if (standing === null) return null;
  const { isPrimary, timeline, receivesFrom } = standing;
  const sender = place.nodes.find((id) => place.reach(id, 'server').port === receivesFrom);
  return { role: isPrimary ? 'leader' : 'follower', term: timeline, leader: isPrimary ? node : (sender ?? null) };
}

async function ask(node: NodeId, place: Place, sql: string): Promise<PgAnswer> {
  const connection = new PgConnection(place.listen(node, 'server'));
  const answer = await connection.ask(sql, ASK_MS);
  connection.close();
  return answer;
}
