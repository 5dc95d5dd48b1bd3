/** The read modes of the system under test, and what each of them claims. Those of the bundled one stand here, a plan brings any others. */
import type { Plan, ReadModes } from '../contract/index.ts';

/** Those of the bundled node. */
export const RAFT_READS: ReadModes = {
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

/** The modes of the system that this plan is about. */
export function readModes({ foreign }: Pick<Plan, 'foreign'>): ReadModes {
  return foreign?.reads ?? RAFT_READS;
}

/** Whether there is such a mode, of the bundled node unless others are given. */
export function isReadMode(name: string, { promises }: ReadModes = RAFT_READS): boolean {
  return Object.hasOwn(promises, name);
}

/** Whether answers in that mode claim to be linearizable. A mode that there is not claims nothing. */
export function isLinearizable(reads: string, modes: ReadModes = RAFT_READS): boolean {
  return isReadMode(reads, modes) && modes.promises[reads]!.startsWith('linearizable');
}
