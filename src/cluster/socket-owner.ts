/**
 * Which process has the other end of a TCP connection on this machine, as the kernel tells it: /proc/net/tcp has the number of the socket, and the
 * process that has it open shows it among its files. That is how a proxy on an address that all nodes share knows who of them speaks.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether this machine can tell. */
export function canTellOwners(): boolean {
  return process.platform === 'linux';
}

/** The one of these parties whose process has the socket from `localPort` to `remotePort`, both on 127.0.0.1; undefined where none has. */
export function ownerOf<T>(
  { localPort, remotePort }: { readonly localPort: number; readonly remotePort: number },
  parties: () => Iterable<readonly [party: T, pids: readonly number[]]>,
): T | undefined {
  const inode = inodeOf(hex(localPort), hex(remotePort));
  if (inode === undefined) return undefined;
  // The latest first: it is mostly a process that was begun for it, or the one that began all others.
  const candidates = [...parties()].flatMap(([party, pids]) =>
    pids.map((pid) => ({ party, pid, isFirst: pid === pids[0] })),
  );
  const inOrder = candidates.toSorted((a, b) => Number(b.isFirst) - Number(a.isFirst) || b.pid - a.pid);
  return inOrder.find(({ pid }) => hasOpen(pid, `socket:[${inode}]`))?.party;
}

/** Columns: number, local address, remote address, state, queues, timers, retransmits, uid, timeout, inode. */
function inodeOf(local: string, remote: string): string | undefined {
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of textOf(table).split('\n')) {
      const [, from, to, , , , , , , inode] = line.trim().split(/\s+/);
      if (from?.endsWith(local) === true && to?.endsWith(remote) === true && inode !== '0') return inode;
    }
  }
  return undefined;
}

function hasOpen(pid: number, link: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((file) => {
      try {
        return readlinkSync(`${folder}/${file}`) === link;
      } catch {
        return false; // Closed meanwhile.
      }
    });
  } catch {
    return false; // It ended meanwhile.
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** `:4E20`, as it stands at the end of an address. */
function hex(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}
