/** Systems of anybody's own that speak Maelstrom's lin-kv protocol, by the command that starts one node. */
import { existsSync } from 'node:fs';
import type { LoadedSystem, SystemFacts } from '../contract/index.ts';
import { MAELSTROM } from '../systems/names.ts';
import { MAELSTROM_CAPABILITIES, MAELSTROM_READS, startMaelstrom } from './maelstrom-cluster.ts';

/** Nothing is started, and so nothing found out, before the run. */
export function maelstromSystem(command: string): LoadedSystem {
  return { facts: factsOf(command), start: (options) => startMaelstrom({ ...options, command }) };
}

/**
 * A word of a simple command that is the path of a program and is not there; null where there is none. Only what is surely a file counts: not
 * the class of `java com.example.Node`, nor what another command before it may have made, or gone to.
 */
export function missingFileOf(command: string): string | null {
  if (/[&;|<>$`'"()]/.test(command)) return null;
  const words = command.split(/\s+/).filter((word) => /^[\w./][\w./-]*\.(?:[cm]?[jt]s|py|rb|sh|jar)$/.test(word));
  return words.find((word) => !existsSync(word)) ?? null;
}

function factsOf(command: string): SystemFacts {
  return {
    name: MAELSTROM,
    version: command,
    nodes: 3,
    reads: MAELSTROM_READS,
    workloads: ['cas-register', 'register'],
    can: MAELSTROM_CAPABILITIES,
    // Whoever wrote for Maelstrom did not have to write anything to a disk: it never kills.
    usualFaults: ['pause', 'partition'],
    tellsLeader: false,
    cannot: {
      'power-loss': 'only raft keeps the journals that this takes; kill can be had',
      'slow-disk': 'nodes here need no disk: --system FILE can have it',
      'fsync-error': 'nodes here need no disk: --system FILE can have it',
      disk: 'only raft lets its disk be disturbed',
      clock: 'only raft lets its clock be set',
      members: 'the nodes are told once who they are',
    },
    flags: { 'system-cmd': command },
  };
}
