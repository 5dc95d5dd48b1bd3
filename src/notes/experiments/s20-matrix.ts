/** The matrix of S20: every read mode under every fault, in the simulator; and what the safe mode costs, on real processes. */
import { readJsonl, staleness } from '../../../checker/index.ts';
import { msToNs, NS_PER_MS } from '../../base/time.ts';
import { play } from '../../explore/index.ts';
import { makePlan } from '../../run/index.ts';
import { SIM_CAPABILITIES } from '../../sim/sim-cluster.ts';
import { findWorkload } from '../../../workloads/index.ts';
import { median, type Arm } from '../experiment.ts';
import { REAL_ELECTION_TIMEOUT_MS } from './scenes.ts';
import { recordingOf, type Facts, type Recording, type Story } from '../recording.ts';

export const MATRIX_READS = ['local', 'leader', 'lease', 'read-index', 'log'] as const;

export const MATRIX_FAULTS = [
  { name: 'none', words: 'no fault', flag: 'none' },
  { name: 'pause', words: 'a server sleeps, the leader above all', flag: 'pause:leader,pause:follower' },
  {
    name: 'partition',
    words: 'servers are cut off, the leader above all',
    flag: 'partition:leader,partition:minority',
  },
  { name: 'kill', words: 'servers die and come back', flag: 'kill:leader,kill:follower' },
  { name: 'slow link', words: 'messages are late', flag: 'slow-link' },
] as const;

export function nameOfCell(reads: string, fault: string): string {
  return `${reads} reads, ${fault}`;
}

/** One arm a cell. The same seeds in every row: read modes are compared under the same faults. */
export function matrixArms(): Readonly<Record<string, Arm>> {
  return Object.fromEntries(
    MATRIX_READS.flatMap((reads) =>
      MATRIX_FAULTS.map(({ name, flag }) => [nameOfCell(reads, name), { ...cellArm(reads, flag), seeds: name }]),
    ),
  );
}

function cellArm(reads: string, faults: string): Arm {
  return {
    runs: { quick: 6, full: 60 },
    play: { world: 'simulator', record: ({ seed, mutant }) => recordCell({ reads, faults, seed, mutant }) },
  };
}

interface CellRun {
  readonly reads: string;
  readonly faults: string;
  readonly seed: string;
  readonly mutant: string | null;
}

/** As `stalemate sim` with those flags, and clients that think a little in between. */
async function recordCell({ reads, faults, seed, mutant }: CellRun): Promise<Recording> {
  const flags = { workload: 'register', reads, faults, nodes: '5', clients: '10', keys: '1', time: '5s', seed };
  const plan = makePlan(flags, { can: SIM_CAPABILITIES, mutants: [] });
  const played = await play({ ...plan, mutant, thinkMs: 25, about: `Reads by "${reads}" with faults: ${faults}.` });
  return recordingOf(played, agesIn(played.historyText));
}

/** How many reads were answered, how many of them late, and how late. */
function agesIn(historyText: string): Facts {
  const reads = staleness(readJsonl(historyText, 'cell'), findWorkload('register').model).flatMap((part) => part.reads);
  const stale = reads.filter(({ versions }) => versions > 0).toSorted((a, b) => b.gapNs - a.gapNs);
  const worst = stale[0];
  return {
    reads: reads.length,
    stale: stale.length,
    worstMs: (worst?.gapNs ?? 0) / NS_PER_MS,
    worstVersions: Math.max(0, ...stale.map(({ versions }) => versions)),
    medianStaleMs: stale.length === 0 ? null : median(stale.map(({ gapNs }) => gapNs / NS_PER_MS)),
    ...(worst !== undefined && { at: worst.operation }),
  };
}

const COST_MS = 2500;
const READERS = 6;

/** Readers at every node, as fast as they are answered, and one that writes now and then. */
const readersOnly: Story = async (stage) => {
  const leader = await stage.leader();
  const writer = stage.actor(leader);
  await writer.put('x', 0);
  const endNs = stage.cluster.now() + msToNs(COST_MS);
  const tookNs: number[] = [];
  const readAway = async (nth: number): Promise<void> => {
    const reader = stage.actor(stage.ids[nth % stage.ids.length]!);
    while (stage.cluster.now() < endNs) {
      const beganNs = stage.cluster.now();
      if ((await reader.read('x')).kind === 'ok') tookNs.push(stage.cluster.now() - beganNs);
    }
  };
  const writeAway = async (): Promise<void> => {
    for (let value = 1; stage.cluster.now() < endNs; value++) {
      await writer.write('x', value);
      await stage.sleep(20);
    }
  };
  await Promise.all([writeAway(), ...Array.from({ length: READERS }, (_, nth) => readAway(nth))]);
  return { p50Ms: median(tookNs) / NS_PER_MS, perSecond: (tookNs.length / COST_MS) * 1000, at: 0 };
};

/** What a mode costs where nothing is wrong. */
export function costArm(reads: string): Arm {
  return {
    runs: { quick: 1, full: 5 },
    play: {
      world: 'processes',
      scene: { nodes: 3, reads, electionTimeoutMs: REAL_ELECTION_TIMEOUT_MS },
      story: readersOnly,
      about: `Six clients read by "${reads}" as fast as they are answered.`,
    },
  };
}
