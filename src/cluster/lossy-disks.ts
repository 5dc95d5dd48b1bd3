/**
 * Disks that can lose power, for programs that are not ours: the data folder of a node becomes an ext4 file system in a file, which only that
 * node sees, in a mount namespace of its own. When the power goes, the file system is shut down without its journal being written (the ioctl
 * behind `xfs_io -x -c shutdown`), unmounted, and mounted anew: exactly what was synced is there. It takes root.
 *
 * The mounts live as long as the process that holds the namespace. The guard ends it with the controller, and the kernel takes the rest away.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import type { Launch } from '../contract/system.ts';
import { injury } from '../faults/index.ts';
import type { ForeignNode } from './foreign-node.ts';
import type { Guard } from './guard.ts';
import { ADMIN_ENVIRONMENT, hold, LIVES_ON, runToEnd, type Holder } from './holder.ts';

/** The file is sparse: it takes the room of what is written to it. */
const SIZE = '2G';
/** EXT4_IOC_SHUTDOWN, without writing the journal. Node has no ioctl. */
const SHUT_DOWN = `perl -e 'open F, "<", "." or die; my $flags = pack("L", 2); defined ioctl(F, 0x8004587D, $flags) or die'`;

/** Two who look for a free device at the same moment find the same one, and one of them does not get it. */
const ATTACH =
  'attach() { for i in 1 2 3 4 5 6 7 8 9; do mount -o loop "$1" "$2" && return; sleep 0.1; done; mount -o loop "$1" "$2"; }';

/** One that was shut down takes a moment until nobody is in it. */
const UNMOUNT =
  'for i in 1 2 3 4 5 6 7 8 9; do umount data && break; sleep 0.1; done; if mountpoint -q data; then umount data; fi';

let canLose: boolean | undefined;

/** Whether a file system can be mounted here and lose power: tried once, in a namespace that is gone a moment later. */
export function canLosePower(): boolean {
  canLose ??= process.platform === 'linux' && process.getuid?.() === 0 && triesToLose();
  return canLose;
}

/** What was not synced is gone afterwards. */
function triesToLose(): boolean {
  const script = `${ATTACH}
    f=$(mktemp) && d=$(mktemp -d) && trap "cd /; umount -l $d 2>/dev/null; rm -rf $f $d" EXIT
    truncate -s 8M $f && mkfs.ext4 -q -F $f && attach $f $d && cd $d && echo word > unsynced && ${SHUT_DOWN}
    cd / && umount $d && attach $f $d && test ! -s $d/unsynced`;
  const options = { stdio: 'ignore', timeout: 10_000, env: ADMIN_ENVIRONMENT } as const;
  return spawnSync('unshare', ['--mount', 'sh', '-ec', script], options).status === 0;
}

export class LossyDisks {
  readonly #folderOf: (node: NodeId) => string;
  readonly #guard: Guard;
  readonly #holders = new Map<NodeId, Holder>();

  /** @param folderOf nodes/<n> of the run's folder, with data/ in it */
  constructor(options: { readonly folderOf: (node: NodeId) => string; readonly guard: Guard }) {
    this.#folderOf = options.folderOf;
    this.#guard = options.guard;
  }

  /** What is in the node's data folder is on a disk of its own from now on. */
  async start(node: NodeId): Promise<void> {
    const command = ['unshare', '--mount', '--propagation', 'private', ...LIVES_ON] as const;
    this.#holders.set(node, await hold(command, { guard: this.#guard }));
    await this.#inside(node, [
      `truncate -s ${SIZE} disk.img && mkfs.ext4 -q -F disk.img && mkdir disk`,
      'attach disk.img disk && rmdir disk/lost+found && cp -a data/. disk/',
      'chown --reference data disk && chmod --reference data disk',
      'sync -f disk && umount disk && attach disk.img data',
    ]);
  }

  /** As it has to be started to see that disk. */
  launchOn(node: NodeId, { user, cwd, ...launch }: Launch): Launch {
    const ids = user === undefined ? [] : ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
    const folder = cwd ?? join(this.#folderOf(node), 'data');
    const begin = [...this.#enter(node), ...ids, 'sh', '-c', 'cd "$0" && exec "$@"', folder] as const;
    const [file, ...args] = [...begin, launch.file, ...launch.args];
    return { ...launch, file: file!, args };
  }

  /** All of these nodes lose power at once; they start again with what was synced. */
  async losePower(nodes: readonly ForeignNode[]): Promise<Injury> {
    for (const { id, state } of nodes)
      if (state !== 'running') throw new StalemateError('failed', `${id} is already ${state}`);
    const before = await this.#shutDown(nodes);
    await Promise.all(nodes.map((node) => node.kill()));
    await Promise.all(nodes.map(({ id }) => this.#inside(id, [UNMOUNT, 'attach disk.img data'])));
    const after = await Promise.all(nodes.map((node) => this.#files(node.id)));
    const lost = nodes.map((_, i) => [...before[i]!].filter(([path, sum]) => after[i]!.get(path) !== sum).length);
    const words = nodes.map(({ id }, i) => `${lost[i]} files of ${id}`).join(', ');
    return injury(
      nodes.map(({ id }) => id),
      `power lost: ${words} are gone or shorter`,
      async () => {
        // One that took nothing was no more than a kill.
        const effective = lost.some((count) => count > 0) && nodes.every((node) => node.isGone());
        for (const node of nodes) node.start();
        return { effective, evidence: `no power until now; ${words} were taken back to what was synced` };
      },
    );
  }

  /** Gives the files as the nodes saw them. If that fails the nodes go on. */
  async #shutDown(nodes: readonly ForeignNode[]): Promise<readonly ReadonlyMap<string, string>[]> {
    try {
      await Promise.all(nodes.map((node) => node.pause()));
      const files = await Promise.all(nodes.map((node) => this.#files(node.id)));
      await Promise.all(nodes.map(({ id }) => this.#inside(id, [`cd data && ${SHUT_DOWN}`])));
      return files;
    } catch (error) {
      await Promise.all(nodes.map((node) => node.resume()));
      throw error;
    }
  }

  /** The data folders hold what the disks did, as without them. */
  async stop(): Promise<void> {
    const back = `${UNMOUNT}; attach disk.img disk && cp -a disk/. data/ && umount disk && rmdir disk && rm disk.img`;
    for (const [node, holder] of this.#holders) {
      // Of a cluster that did not start, the disk may not be there; one that cannot be copied stays, as disk.img.
      await this.#inside(node, [back]).catch(() => {});
      await holder.stop();
    }
    this.#holders.clear();
  }

  /** Its files, with a checksum and a size each. */
  async #files(node: NodeId): Promise<ReadonlyMap<string, string>> {
    const said = await this.#inside(node, ['cd data && find . -type f -exec cksum {} +']);
    return new Map(
      said.split('\n').flatMap((line) => {
        const match = /^(\d+ \d+) (.+)$/.exec(line);
        return match === null ? [] : [[match[2]!, match[1]!] as const];
      }),
    );
  }

  #enter(node: NodeId): readonly [string, ...string[]] {
    return ['nsenter', '--target', String(this.#holders.get(node)!.pid), '--mount'];
  }

  /** Runs these commands in the node's folder, where its disk is seen; what they print. Rejects where one fails. */
  #inside(node: NodeId, commands: readonly string[]): Promise<string> {
    const script = [ATTACH, 'cd "$0"', ...commands].join('\n');
    return runToEnd([...this.#enter(node), 'sh', '-ec', script, this.#folderOf(node)], {
      about: `the disk of ${node}`,
    });
  }
}
