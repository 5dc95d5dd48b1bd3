/** Faults of a simulated cluster: harm by the simulator's verbs, the proof that it hurt, and the cure. */
import { StalemateError } from '../base/errors.ts';
import type { Stop } from '../contract/cluster.ts';
import type { Cut, FaultAction, Injury, LinkTrouble } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import { injury } from '../faults/index.ts';
import { CountedCuts } from './counted-cuts.ts';
import type { LinkCounters } from './link-troubles.ts';
import type { Simulation } from './sim.ts';
import type { SimNode } from './sim-node.ts';

type Action<K extends FaultAction['kind']> = Extract<FaultAction, { kind: K }>;

/** What one node, or its links, can be made to suffer; what takes a majority's consent is not here. */
type Harm = Action<
  'kill' | 'pause' | 'link' | 'disturb' | 'powerLoss' | 'slowDisk' | 'diskFull' | 'failSync' | 'clock'
>;

/** Puts a new node in the place of one that is lost for good; says in words what came of it. */
type ReplaceLost = (nodes: { readonly lost: NodeId; readonly by: NodeId }) => Promise<string>;

const NO_ROOM = /ENOSPC/;
const NOT_SYNCED = /EIO/;

export class SimFaults {
  readonly #simulation: Simulation;
  readonly #cuts: CountedCuts;
  /** How many faults keep each node down. */
  readonly #holds = new Map<NodeId, number>();
  /** Troubles of links, which may overlap: the links that suffer one, by its kind. */
  readonly #troubles = new Set<Action<'disturb'>>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#cuts = new CountedCuts(simulation);
  }

  /** Does the harm. Throws a StalemateError where it cannot be done. */
  apply(action: Harm): Injury {
    switch (action.kind) {
      case 'kill':
        return this.#kill(action.node);
      case 'pause':
        return this.#pause(action);
      case 'link':
        return this.#cut(action);
      case 'disturb':
        return this.#disturb(action);
      case 'powerLoss':
        return this.#losePower(action);
      case 'slowDisk':
        return this.#slowDisk(action);
      case 'diskFull':
        return this.#fillDisk(action.node);
      case 'failSync':
        return this.#failSync(action.node);
      case 'clock':
        return this.#skewClock(action);
    }
  }

  /** The node must refuse to start, and stays down for good; in the end another one takes its place. */
  flipBit({ node: id, seed, by }: Action<'bitFlip'>, replaceLost: ReplaceLost): Injury {
    this.#runningNode(id);
    const flipped = this.#simulation.flipBit(id, seed);
    if (flipped === undefined) throw new StalemateError('failed', `nothing of the log of ${id} is attested`);
    const { bit, isRefused } = flipped;
    const words = `${bit} flipped; the node ${isRefused ? 'refuses to start' : 'STARTED IN SPITE OF IT'}`;
    return injury([id], words, async () => {
      const effective = isRefused && this.#isDown(id);
      if (!effective) return { effective, evidence: `${id} runs on damaged data` };
      return { effective, evidence: await replaceLost({ lost: id, by }) };
    });
  }

  /** As `flipBit`. */
  wipe({ node: id, by }: Action<'wipe'>, replaceLost: ReplaceLost): Injury {
    this.#runningNode(id);
    this.#simulation.wipe(id);
    this.#simulation.start(id);
    const isRefused = this.#isDown(id);
    const words = `its data folder is empty; the node ${isRefused ? 'refuses to start' : 'STARTED IN SPITE OF IT'}`;
    return injury([id], words, async () => {
      const effective = isRefused && this.#isDown(id);
      if (!effective) return { effective, evidence: `${id} runs, and has forgotten all that it promised` };
      return { effective, evidence: await replaceLost({ lost: id, by }) };
    });
  }

  #kill(id: NodeId): Injury {
    this.#liveNode(id);
    this.#hold(id);
    this.#simulation.crash(id);
    return injury([id], 'its process is gone', async () => {
      const effective = this.#isDown(id);
      return { effective, evidence: `was down until now; ${this.#release(id)}` };
    });
  }

  #pause({ node: id, resume = 'input-first' }: Action<'pause'>): Injury {
    const node = this.#runningNode(id);
    this.#simulation.pause(id);
    return injury([id], 'stands still', async () => {
      const effective = node.isPaused;
      if (effective) this.#simulation.resume(id, resume);
      return { effective, evidence: effective ? `stood still until now; ${resume}` : 'did not stand still any more' };
    });
  }

  #cut({ cuts }: Action<'link'>): Injury {
    const lostSoFar = (): number => cuts.reduce((sum, { from, to }) => sum + this.#simulation.lostOn(from, to), 0);
    const before = lostSoFar();
    this.#cuts.add(cuts);
    return injury(endsOf(cuts), `${cuts.length} links cut`, async () => {
      const lost = lostSoFar() - before;
      this.#cuts.remove(cuts);
      return { effective: lost > 0, evidence: `${lost} frames were lost` };
    });
  }

  /** Troubles of one kind on one link: the one that came last counts, and when it ends the one before it. */
  #disturb(action: Action<'disturb'>): Injury {
    const { links, trouble } = action;
    const name = COUNTED[trouble.kind];
    const soFar = (): number => links.reduce((sum, link) => sum + this.#simulation.linkCounters(link)[name], 0);
    const before = soFar();
    this.#troubles.add(action);
    this.#simulation.disturb(links, trouble);
    return injury(endsOf(links), WORDS[trouble.kind], async () => {
      const count = soFar() - before;
      this.#troubles.delete(action);
      this.#simulation.calm(links, trouble.kind);
      for (const other of this.#troubles) {
        const both = other.links.filter((link) => links.some((it) => it.from === link.from && it.to === link.to));
        if (other.trouble.kind === trouble.kind && both.length > 0) this.#simulation.disturb(both, other.trouble);
      }
      return { effective: count > 0, evidence: `${count} ${name}` };
    });
  }

  /** Effective if anything was lost that a mere kill would have left. */
  #losePower({ nodes }: Action<'powerLoss'>): Injury {
    for (const id of nodes) this.#hold(id);
    const lost = this.#simulation.losePower(nodes);
    const words = `${lost} unsynced sectors and changes of folders were lost`;
    return injury(nodes, words, async () => {
      const effective = nodes.every((id) => this.#isDown(id)) && lost > 0;
      for (const id of nodes) this.#release(id);
      return { effective, evidence: lost > 0 ? words : `${words}, so this was no more than a kill` };
    });
  }

  #slowDisk({ node: id, syncDelayMs }: Action<'slowDisk'>): Injury {
    const { disk } = this.#liveNode(id);
    const before = disk.delayedSyncs;
    const stop = this.#simulation.slowDisk(id, syncDelayMs);
    return injury([id], `every fsync takes ${syncDelayMs} ms longer`, async () => {
      const slow = disk.delayedSyncs - before;
      stop();
      return { effective: slow > 0, evidence: `${slow} fsyncs took ${syncDelayMs} ms longer` };
    });
  }

  #fillDisk(id: NodeId): Injury {
    const harm = (): Stop => this.#simulation.fillDisk(id);
    return this.#untilItEnds(id, { harm, words: 'the disk is full', why: NO_ROOM, spared: 'never wrote' });
  }

  #failSync(id: NodeId): Injury {
    const harm = (): Stop => this.#simulation.failSync(id);
    return this.#untilItEnds(id, { harm, words: 'the next fsync fails', why: NOT_SYNCED, spared: 'did not end' });
  }

  /** A fault of its disk after which the node cannot go on, and has to say why. */
  #untilItEnds(
    id: NodeId,
    it: { readonly harm: () => Stop; readonly words: string; readonly why: RegExp; readonly spared: string },
  ): Injury {
    this.#runningNode(id);
    const { endings } = this.#simulation;
    const before = endings.length;
    this.#hold(id);
    const stop = it.harm();
    return injury([id], it.words, async () => {
      const ended = endings.slice(before).some(({ node, error }) => node === id && it.why.test(String(error)));
      stop();
      return { effective: ended, evidence: `the node ${ended ? 'ended' : it.spared}; ${this.#release(id)}` };
    });
  }

  #skewClock({ node: id, rate, jumpMs }: Action<'clock'>): Injury {
    this.#simulation.setClock(id, rate, jumpMs);
    const words = [...(rate === 1 ? [] : [`goes at ${rate}`]), ...(jumpMs === 0 ? [] : [`jumped by ${jumpMs} ms`])];
    return injury([id], `its clock ${words.join(' and ')}`, async () => {
      this.#simulation.mendClock(id);
      return { effective: words.length > 0, evidence: `its clock ${words.join(' and ')} until now` };
    });
  }

  #isDown(id: NodeId): boolean {
    return this.#simulation.node(id).status() === undefined;
  }

  #liveNode(id: NodeId): SimNode {
    if (this.#isDown(id)) throw new StalemateError('failed', `${id} is already down`);
    return this.#simulation.node(id);
  }

  #runningNode(id: NodeId): SimNode {
    const node = this.#liveNode(id);
    if (node.isPaused) throw new StalemateError('failed', `${id} is already paused`);
    return node;
  }

  #hold(id: NodeId): void {
    this.#holds.set(id, (this.#holds.get(id) ?? 0) + 1);
  }

  #release(id: NodeId): string {
    const holds = this.#holds.get(id)! - 1;
    this.#holds.set(id, holds);
    if (holds > 0) return 'stays down for another fault';
    if (this.#simulation.node(id).isRetired) return 'left the cluster meanwhile';
    this.#simulation.start(id);
    return 'runs again';
  }
}

const COUNTED: Readonly<Record<LinkTrouble['kind'], keyof LinkCounters>> = {
  delay: 'delayed',
  duplicate: 'duplicated',
  reset: 'resets',
};

const WORDS: Readonly<Record<LinkTrouble['kind'], string>> = {
  delay: 'every message comes late',
  duplicate: 'every message comes twice',
  reset: 'the connection is closed again and again',
};

function endsOf(links: readonly Cut[]): readonly NodeId[] {
  return [...new Set(links.flatMap(({ from, to }) => [from, to]))];
}
