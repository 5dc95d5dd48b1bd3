/** The read modes of each system under test, and what each of them claims. */
import type { Plan } from '../contract/index.ts';

/** What a system can be asked for. */
export interface ReadModes {
  /** By name, the default first: what the answers claim to be. */
  readonly promises: Readonly<Record<string, string>>;
  /** The one that the final reads use. */
  readonly strongest: string;
  /** Those that each node answers on its own, so that each is a different observer. */
  readonly nodeLocal: readonly string[];
}

const RAFT: ReadModes = {
  promises: {
    'read-index': 'linearizable',
    lease: 'linearizable, as long as no two clocks go apart by more than a tenth',
    log: 'linearizable',
    leader: 'may be stale: a leader answers without asking whether it still is one',
    local: 'may be stale: any node answers from what it has applied',
  },
  strongest: 'read-index',
  nodeLocal: ['local'],
};

/** The modes of that system. */
export function readModes(system: Plan['system']): ReadModes {
  return { raft: RAFT }[system];
}

/** Whether the bundled node can be asked in that mode. */
export function isReadMode(name: string): boolean {
  return Object.hasOwn(RAFT.promises, name);
}

/** Whether answers in that mode claim to be linearizable. A mode that there is not claims nothing. */
export function isLinearizable(reads: string): boolean {
  return isReadMode(reads) && RAFT.promises[reads]!.startsWith('linearizable');
}
