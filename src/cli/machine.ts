/** What this machine offers to whoever wants to hurt programs that are not ours. Tried, not assumed: a tool that is installed may still be forbidden. */
import { execFileSync } from 'node:child_process';
import { canMakeHosts } from '../cluster/hosts.ts';
import { canLosePower } from '../cluster/lossy-disks.ts';
import { canTellOwners } from '../cluster/socket-owner.ts';
import { canTraceSyncs } from '../cluster/traced-syncs.ts';

/** Something that a fault could rest on. */
export interface MachineTool {
  readonly name: string;
  readonly works: boolean;
  /** What was tried, and what came of it where it does not work. */
  readonly evidence: string;
  /** What it is good for. */
  readonly use: string;
}

/** Tries all of them; each takes a moment. */
export function tryTools(): readonly MachineTool[] {
  return [
    {
      name: 'who owns a socket',
      works: canTellOwners(),
      evidence: canTellOwners() ? '/proc/net/tcp and /proc/PID/fd' : `not on ${process.platform}`,
      use: 'partition, slow-link and reconnect between nodes of any system that is told the addresses of its peers',
    },
    {
      name: 'hosts of their own',
      works: canMakeHosts(),
      evidence: canMakeHosts()
        ? 'a bridge and nftables in a network namespace'
        : 'it takes Linux, user namespaces, and the programs unshare, nsenter, ip and nft (apt-get install iproute2 nftables)',
      use: 'partition of systems whose nodes speak past any proxy',
    },
    {
      ...tried(
        'strace',
        ['strace', '-f', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:delay_enter=1', 'true'],
        'slow-disk and fsync-error of any program',
      ),
      ...(!canTraceSyncs() && { works: false }),
    },
    {
      name: 'loop mounts',
      works: canLosePower(),
      evidence: canLosePower()
        ? 'a file system in a file, which was shut down and mounted again'
        : 'it takes root, ext4 and perl',
      use: 'power-loss of any program',
    },
  ];
}

function tried(name: string, [program, ...args]: readonly [string, ...string[]], use: string): MachineTool {
  const evidence = [program, ...args].join(' ');
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 5000, encoding: 'utf8' });
    return { name, works: true, evidence, use };
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    const said = (stderr ?? '').trim().split('\n')[0];
    return {
      name,
      works: false,
      evidence: `${evidence}: ${said === '' || said === undefined ? (code ?? message) : said}`,
      use,
    };
  }
}
