/**
 * Power loss on real nodes: SIGKILL, which by itself loses nothing (the page cache survives), and then the undo journals, applied to
 * what is left. It does not matter whether a node was stopped or dead before.
 */
import { setTimeout as sleepMs } from 'node:timers/promises';
import { StalemateError } from '../base/errors.ts';
import { keyed } from '../base/random.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import { injury } from '../faults/index.ts';
import { poll } from './waiting.ts';
import type { Ward } from './ward.ts';
import type { NodeProcess } from './node-process.ts';
import { countUnsynced, losePower, type PowerLoss } from './power-loss.ts';

/** How long disks are slow before the power goes, in fsyncs: long enough that clients were answered meanwhile, if they are. */
const SLOW_FSYNCS = 2;

/** How long the power stays on for so many sectors to be under way, each of which is lost as likely as not: the time of an election. */
const UNDER_WAY_SECTORS = 4;
const UNDER_WAY_WITHIN_MS = 600;
const LOOK_EVERY_MS = 5;

/** Takes the power from these nodes at one moment. Effective if anything was lost that a mere kill would have left. */
export async function powerLoss(
  ward: Ward,
  { nodes: ids, seed, syncDelayMs }: Extract<FaultAction, { kind: 'powerLoss' }>,
): Promise<Injury> {
  const nodes = ids.map((id) => ward.node(id));
  const starting = nodes.find((node) => node.state === 'starting');
  if (starting !== undefined) throw new StalemateError('failed', `${starting.id} is just starting`);
  if (syncDelayMs > 0) await slowDown(nodes, syncDelayMs);
  for (const node of nodes) ward.hold(node);
  try {
    await Promise.all(nodes.map((node) => node.kill()));
    const exposed = nodes.findIndex(({ place }) => countUnsynced(place) > 0);
    // One loses something if it can. Of the others each has the fate that is drawn, so that what one kept another may have lost.
    const losses = nodes.map((node, i) =>
      losePower(node.place, (nth) => keyed(seed, 'power-loss', node.id, i === exposed ? nth : 0)),
    );
    return injury(ids, nodes.map((node, i) => `${node.id} ${wordsOf(losses[i]!)}`).join('; '), async () => {
      const gone = nodes.every((node) => node.isGone());
      const total = losses.reduce(add);
      const lost = total.lostSectors + total.lostChanges > 0;
      await Promise.all(nodes.map((node) => ward.release(node)));
      const what = lost ? wordsOf(total) : `${wordsOf(total)}, so this was no more than a kill`;
      return { effective: gone && lost, evidence: gone ? what : 'did not stay down' };
    });
  } catch (error) {
    for (const node of nodes) await ward.release(node);
    throw error;
  }
}

/**
 * The disks get slow and the work goes on, so that more than usual is under way. A cluster without a leader writes nothing for a while,
 * and is waited for. Nodes that do not run have nothing under way.
 */
async function slowDown(nodes: readonly NodeProcess[], syncDelayMs: number): Promise<void> {
  const running = nodes.filter((node) => node.state === 'running');
  await Promise.all(running.map((node) => node.setDisk({ syncDelayMs, full: false })));
  await sleepMs(SLOW_FSYNCS * syncDelayMs);
  const isUnderWay = (): true | undefined =>
    running.reduce((sum, { place }) => sum + countUnsynced(place), 0) >= UNDER_WAY_SECTORS || undefined;
  if (running.length > 0) await poll(isUnderWay, { everyMs: LOOK_EVERY_MS, timeoutMs: UNDER_WAY_WITHIN_MS });
}

function add(a: PowerLoss, b: PowerLoss): PowerLoss {
  return {
    unsyncedSectors: a.unsyncedSectors + b.unsyncedSectors,
    lostSectors: a.lostSectors + b.lostSectors,
    unsyncedChanges: a.unsyncedChanges + b.unsyncedChanges,
    lostChanges: a.lostChanges + b.lostChanges,
  };
}

function wordsOf({ unsyncedSectors, lostSectors, unsyncedChanges, lostChanges }: PowerLoss): string {
  const changes = unsyncedChanges === 0 ? '' : ` and ${lostChanges} of ${unsyncedChanges} folder changes`;
  return `lost ${lostSectors} of ${unsyncedSectors} unsynced sectors${changes}`;
}
