/** One PostgreSQL server, started, ended and copied from another by its keeper. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NodeId } from '../../contract/names.ts';
import type { Endpoint } from '../../contract/system.ts';
import type { KeeperOptions } from './keeper-options.ts';
import { PgConnection, SUPERUSER, type PgAnswer } from './pg-connection.ts';
import { literal } from './pg-wire.ts';

const COPY_WITHIN_MS = 20_000;
const PROMOTE_WITHIN_MS = 10_000;

export class Server {
  readonly #options: KeeperOptions;
  readonly #onEnd: (how: string) => void;
  #child: ChildProcess | null = null;

  /** `onEnd` is told when it ends by itself. */
  constructor(options: KeeperOptions, onEnd: (how: string) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    this.#finishCopy();
    // Whoever started this keeper saw that all of its last life is gone; to PostgreSQL a zombie that nobody has waited for yet is alive.
    rmSync(join(options.folder, 'postmaster.pid'), { force: true });
  }

  /** Whether it would start as a primary. */
  get isPrimary(): boolean {
    return !existsSync(join(this.#options.folder, STANDBY));
  }

  /** PostgreSQL writes down how it is started, each time. */
  get wasStarted(): boolean {
    return existsSync(join(this.#options.folder, 'postmaster.opts'));
  }

  /** The timeline that it was on when it ended. */
  async timeline(): Promise<number> {
    const { bin, folder, user } = this.#options;
    const options = { cwd: '/', env: { ...process.env, LC_ALL: 'C' }, ...user };
    const { stdout } = await promisify(execFile)(join(bin, 'pg_controldata'), [folder], options);
    return Number(/TimeLineID:\s+(\d+)/.exec(stdout)?.[1]);
  }

  /** It will start as a replica that nobody has told yet of whom to receive. */
  stepDown(): void {
    markStandby(this.#options.folder, this.#options.user);
  }

  start(): void {
    const { bin, folder, settings, user } = this.#options;
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(bin, 'postgres'), ['-D', folder, ...flags], {
      stdio: ['ignore', 'inherit', 'inherit'],
      cwd: '/',
      ...user,
    });
    this.#child = child;
    child.once('error', (error) => this.#onEnd(error.message));
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.#onEnd(signal ?? `exit code ${code}`);
    });
  }

  /** Makes a primary of it. Its control file names the new timeline only after a checkpoint, and copies begin there. */
  async promote(): Promise<PgAnswer> {
    const done = await this.#ask('SELECT pg_promote(true, 10)', PROMOTE_WITHIN_MS);
    return done.kind === 'answered' ? this.#ask('CHECKPOINT', PROMOTE_WITHIN_MS) : done;
  }

  /** Tells it to receive from that one, while it runs. */
  async follow(primary: NodeId): Promise<PgAnswer> {
    const conninfo = literal(this.#conninfo(primary));
    const set = await this.#ask(`ALTER SYSTEM SET primary_conninfo = ${conninfo}`, PROMOTE_WITHIN_MS);
    return set.kind === 'answered' ? this.#ask('SELECT pg_reload_conf()', PROMOTE_WITHIN_MS) : set;
  }

  /** Ends it as a primary at once, and starts it as a replica of that one. */
  async yieldTo(primary: NodeId): Promise<void> {
    const { folder, user } = this.#options;
    await this.#end();
    makeStandby(folder, this.#conninfo(primary), user);
    this.start();
  }

  /** Makes it a copy of that one, and starts it. What only it had is gone then. Where that does not succeed it goes on as it was. */
  async copy(primary: NodeId): Promise<void> {
    const { bin, folder, user } = this.#options;
    const fresh = `${folder}${FRESH}`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { mode: 0o700 });
    if (user !== null) chownSync(fresh, user.uid, user.gid);
    const flags = ['-d', this.#conninfo(primary), '-D', fresh, '-X', 'stream', '-c', 'fast', '--no-sync'];
    await promisify(execFile)(join(bin, 'pg_basebackup'), flags, { timeout: COPY_WITHIN_MS, cwd: '/', ...user });
    makeStandby(fresh, this.#conninfo(primary), user);
    await this.#end();
    renameSync(folder, `${folder}${STALE}`);
    renameSync(fresh, folder);
    rmSync(`${folder}${STALE}`, { recursive: true, force: true });
    this.start();
  }

  /** The keeper died in the middle of a copy: what is whole is taken. */
  #finishCopy(): void {
    const { folder } = this.#options;
    if (!existsSync(folder)) renameSync(`${folder}${FRESH}`, folder);
    for (const end of [FRESH, STALE]) rmSync(`${folder}${end}`, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    const child = this.#child!;
    this.#child = null;
    child.kill('SIGQUIT');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  #conninfo(primary: NodeId): string {
    return conninfoOf(this.#options.node, this.#options.peers[primary]!);
  }

  async #ask(sql: string, timeoutMs: number): Promise<PgAnswer> {
    const connection = new PgConnection(this.#options.self);
    const answer = await connection.ask(sql, timeoutMs);
    connection.close();
    return answer;
  }
}

const STANDBY = 'standby.signal';
const FRESH = '.fresh';
const STALE = '.stale';

/** How a node reaches the one that it receives from. */
export function conninfoOf(node: NodeId, { host, port }: Endpoint): string {
  return `host=${host} port=${port} user=${SUPERUSER} application_name=${node} connect_timeout=2`;
}

/** Makes a replica of a server that does not run. */
export function makeStandby(folder: string, conninfo: string, user: KeeperOptions['user']): void {
  appendFileSync(join(folder, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  markStandby(folder, user);
}

function markStandby(folder: string, user: KeeperOptions['user']): void {
  const signal = join(folder, STANDBY);
  writeFileSync(signal, '');
  if (user !== null) chownSync(signal, user.uid, user.gid);
}
