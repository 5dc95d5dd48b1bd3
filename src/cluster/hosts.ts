/**
 * Hosts of their own for nodes that speak past any proxy: a network namespace each, joined by a bridge in one more, and all of them below a user
 * namespace, so that nobody need be root and nothing of this machine's network is touched. Links are cut at the bridge, by nftables, one way at a
 * time. Clients stay outside: a program on each host hands on what comes by a socket file.
 *
 * All of it lives as long as the processes in it. The guard ends those with the controller, and the kernel takes the rest away.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Cut, Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { Launch } from '../contract/system.ts';
import { injury } from '../faults/index.ts';
import { programArgs } from '../spawn/own-program.ts';
import type { Guard } from './guard.ts';
import { ADMIN_ENVIRONMENT, hold, LIVES_ON, runToEnd, type Holder } from './holder.ts';
import { socketNameOf } from './host-sockets.ts';

let canMake: boolean | undefined;

/** Whether hosts can be made here, and their links be cut: tried once, in a namespace that is gone a moment later. */
export function canMakeHosts(): boolean {
  canMake ??= process.platform === 'linux' && triesToMake();
  return canMake;
}

function triesToMake(): boolean {
  const script = `ip link add name links type bridge && ip link add name n1 type veth peer name n2 && nft -f - <<'END'\n${tableOf(['n1', 'n2'])}\nEND`;
  const args = ['--user', '--map-root-user', '--net', 'sh', '-c', script];
  return spawnSync('unshare', args, { stdio: 'ignore', timeout: 5000, env: ADMIN_ENVIRONMENT }).status === 0;
}

export interface HostsOptions {
  readonly nodes: readonly NodeId[];
  /** nodes/<n> of the run's folder. */
  readonly folderOf: (node: NodeId) => string;
  /** On 127.0.0.1, here and on the node's host. */
  readonly clientPortsOf: (node: NodeId) => readonly number[];
  readonly guard: Guard;
}

/** Where the host of the nth node is, from 0 on: the same in every run, since nobody else is there. */
export function addressOf(nth: number): string {
  return `10.77.0.${nth + 1}`;
}

export class Hosts {
  readonly #options: HostsOptions;
  readonly #holders: Holder[] = [];
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #folders: number[] = [];
  readonly #files: string[] = [];
  /** By node, the process that holds its host. */
  readonly #pids = new Map<NodeId, number>();
  /** How often each link is cut now. */
  readonly #cuts = new Map<string, { readonly cut: Cut; times: number }>();
  #lab = 0;

  constructor(options: HostsOptions) {
    this.#options = options;
  }

  /** Resolves when the hosts are there, and hear each other. */
  async start(): Promise<void> {
    const { nodes } = this.#options;
    this.#lab = await this.#hold(['unshare', '--user', '--map-root-user', '--net', ...LIVES_ON]);
    for (const node of nodes) await this.#startHost(node);
    const veths = nodes.map(
      (node) =>
        `ip link add name ${node} type veth peer name eth0 netns ${this.#pids.get(node)} && ip link set ${node} master links up`,
    );
    await this.#inLab([
      'sh',
      '-ec',
      ['ip link add name links type bridge', 'ip link set links up', ...veths].join('\n'),
    ]);
    await this.#inLab(['nft', '-f', '-'], tableOf(nodes));
    for (const [nth, node] of nodes.entries()) {
      const script = `ip link set lo up && ip addr add ${addressOf(nth)}/24 dev eth0 && ip link set eth0 up`;
      await runToEnd([...enter(this.#pids.get(node)!), 'sh', '-ec', script], { about: `the host of ${node}` });
    }
  }

  /** As it has to be started to run on that node's host. */
  launchOn(node: NodeId, launch: Launch): Launch {
    const [file, ...args] = [...enter(this.#pids.get(node)!), launch.file, ...launch.args] as const;
    return { ...launch, file, args };
  }

  /** Loses everything on these links. */
  async cut(cuts: readonly Cut[]): Promise<Injury> {
    const heal = async (): Promise<void> => {
      for (const cut of cuts) this.#count(cut, -1);
      await this.#enforce();
    };
    for (const cut of cuts) this.#count(cut, 1);
    // A fault that was done in part must not stay.
    const before = await this.#enforce()
      .then(() => this.#read(cuts))
      .catch(async (error: unknown) => {
        await heal();
        throw error;
      });
    const ends = [...new Set(cuts.flatMap(({ from, to }) => [from, to]))];
    return injury(ends, `${cuts.length} links cut at the bridge between their hosts`, async () => {
      let after: typeof before;
      try {
        after = await this.#read(cuts);
      } finally {
        await heal();
      }
      const [lost, passed] = [after.lost - before.lost, after.passed - before.passed];
      const evidence =
        passed === 0 ? `${cuts.length} links silent, ${lost} packets lost` : `not silent: ${passed} packets passed`;
      return { effective: passed === 0 && lost > 0, evidence };
    });
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#holders.map((holder) => holder.stop()));
    for (const folder of this.#folders.splice(0)) closeSync(folder);
    for (const file of this.#files) rmSync(file, { force: true });
  }

  async #startHost(node: NodeId): Promise<void> {
    const { folderOf, clientPortsOf } = this.#options;
    const folder = folderOf(node);
    const ports = clientPortsOf(node);
    const relay = [process.execPath, ...programArgs('cluster/host-relay-main'), ...ports.map(String)];
    this.#pids.set(node, await this.#hold([...enter(this.#lab), 'unshare', '--net', ...relay], folder));
    // A path of a socket has at most 107 bytes, however long that of the folder is.
    const descriptor = openSync(folder, 'r');
    this.#folders.push(descriptor);
    for (const port of ports) {
      this.#files.push(join(folder, socketNameOf(port)));
      await this.#listen(port, `/proc/self/fd/${descriptor}/${socketNameOf(port)}`);
    }
  }

  /** Clients find the node where they would without hosts. */
  async #listen(port: number, path: string): Promise<void> {
    const server = createServer({ noDelay: true }, (accepted) => {
      const there = connect(path);
      for (const socket of [accepted, there]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          accepted.destroy();
          there.destroy();
        });
      }
      accepted.pipe(there).pipe(accepted);
    });
    this.#servers.push(server);
    server.listen({ host: '127.0.0.1', port, exclusive: true });
    await once(server, 'listening');
  }

  async #hold(command: readonly [string, ...string[]], cwd?: string): Promise<number> {
    const { guard } = this.#options;
    const holder = await hold(command, { guard, ...(cwd !== undefined && { cwd }) });
    this.#holders.push(holder);
    return holder.pid;
  }

  #count(cut: Cut, change: number): void {
    const key = counterOf(cut);
    const known = this.#cuts.get(key) ?? { cut, times: 0 };
    known.times += change;
    if (known.times === 0) this.#cuts.delete(key);
    else this.#cuts.set(key, known);
  }

  /** All at once: nft takes its input as one transaction. */
  async #enforce(): Promise<void> {
    const rules = [...this.#cuts.values()].flatMap(({ cut }) => [
      `add rule bridge links cuts ${between(cut)} ${COUNTED} counter name "lost_${counterOf(cut)}" drop`,
      `add rule bridge links cuts ${between(cut)} drop`,
    ]);
    await this.#inLab(['nft', '-f', '-'], ['flush chain bridge links cuts', ...rules].join('\n'));
  }

  async #read(cuts: readonly Cut[]): Promise<{ readonly lost: number; readonly passed: number }> {
    const said = await this.#inLab(['nft', 'list', 'counters', 'table', 'bridge', 'links']);
    const packets = new Map<string, number>();
    for (const [, name, count] of said.matchAll(/counter (\S+) \{\s*packets (\d+)/g)) packets.set(name!, Number(count));
    const sum = (what: string): number =>
      cuts.reduce((all, cut) => all + (packets.get(`${what}_${counterOf(cut)}`) ?? NaN), 0);
    return { lost: sum('lost'), passed: sum('passed') };
  }

  #inLab(command: readonly string[], input = ''): Promise<string> {
    return runToEnd([...enter(this.#lab), ...command], { about: 'the links between hosts', input });
  }
}

/** Into the namespaces of that process, for what follows. */
function enter(pid: number): readonly [string, ...string[]] {
  return ['nsenter', '--target', String(pid), '--user', '--preserve-credentials', '--net'];
}

function counterOf({ from, to }: Cut): string {
  return `${from}_${to}`;
}

function between({ from, to }: Cut): string {
  return `iifname "${from}" oifname "${to}"`;
}

/** Not the questions of who has an address, which reach everybody. */
const COUNTED = 'meta protocol ip';

/** What is counted of each link, and the place for what is cut. */
function tableOf(nodes: readonly NodeId[]): string {
  const links = nodes.flatMap((from) => nodes.flatMap((to) => (from === to ? [] : [{ from, to }])));
  return [
    'table bridge links {',
    ...links.flatMap((link) => [`counter lost_${counterOf(link)} {}`, `counter passed_${counterOf(link)} {}`]),
    'chain cuts {}',
    'chain forward {',
    'type filter hook forward priority 0; policy accept;',
    'jump cuts',
    ...links.map((link) => `${between(link)} ${COUNTED} counter name "passed_${counterOf(link)}"`),
    '}',
    '}',
  ].join('\n');
}
