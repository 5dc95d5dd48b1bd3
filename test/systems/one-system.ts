/** Starts a real system in a folder of its own, without a run: for tests of its clients. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProcessSystem } from '../../src/cli/systems.ts';
import type { ForeignCluster } from '../../src/cluster/foreign-cluster.ts';
import type { Place, ProcessSystem } from '../../src/contract/index.ts';
import { makePlan } from '../../src/run/index.ts';
import { BIN_DIR } from './present.ts';

export interface Started {
  readonly cluster: ForeignCluster;
  readonly place: Place;
  readonly folder: string;
  /** Ends it and removes the folder. */
  stop(): Promise<void>;
}

/** As a run without faults would. */
export async function startSystem(system: ProcessSystem): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), `stalemate-${system.name}-`));
  // PostgreSQL runs as somebody else, who has to get in.
  chmodSync(folder, 0o755);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const { facts, start } = await loadProcessSystem(system, BIN_DIR);
    const plan = makePlan({ seed: 'one', faults: 'none' }, { can: facts.can, foreign: facts, mutants: [] });
    const options = { plan, folder, clusterId: 'one', epochNs: process.hrtime.bigint(), onCrash: () => {} };
    const cluster = (await start(options)) as ForeignCluster;
    return {
      cluster,
      place: cluster.place,
      folder,
      stop: async () => {
        await cluster.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
