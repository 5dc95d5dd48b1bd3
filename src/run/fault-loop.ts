/**
 * The fault loop: does the steps of a plan at their moments, sees that each really happened and for how long, and undoes it.
 *
 * Steps may overlap. When a run ends, or is interrupted, whatever still hurts is undone in reverse order, the last harm first.
 * What happened is written as it happens: one line when a fault was seen to hold, one when it was undone, one for a step that
 * found nobody to hit.
 */
import { StalemateError } from '../base/errors.ts';
import { msToNs, type Nanos } from '../base/time.ts';
import type { Call } from '../../checker/index.ts';
import type { Cluster, FaultAction, FaultLine, FaultStep, Injury, NodeId } from '../contract/index.ts';
import { aim, natureOf, type Aimed } from '../faults/index.ts';
import { sleepUntil, type Latch } from './latch.ts';
import { Leadership, type Leader } from './leadership.ts';
import type { Recorder } from './recorder.ts';
import { StaleWindow } from './stale-window.ts';
import { Triggers } from './triggers.ts';

/** How long a step that aims at the leader waits for one to be known. */
const LEADER_WAIT_MS = 1500;
/** How long a step waits until others are up again, so that there is somebody to hit. */
const ROOM_WAIT_MS = 3000;
const ROOM_EVERY_MS = 50;
/** A request that was sent this long ago sits in the stopped node's buffers; its sender (plan.witnessTimeoutMs) still waits. */
const IN_BUFFERS_MS = 20;

type Hit = Extract<Aimed, { kind: 'hit' }>;

/** A fault that holds now. */
interface Active {
  readonly step: FaultStep;
  readonly hit: Hit;
  readonly injuries: readonly Injury[];
  readonly window: StaleWindow | null;
  readonly stopWatching: () => void;
}

export class FaultLoop {
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  readonly #write: (line: FaultLine) => void;
  readonly #stopping: Latch;
  readonly #isRead: (call: Call) => boolean;
  readonly #leadership: Leadership;
  readonly #triggers: Triggers;
  readonly #beganNs: Nanos;
  /** In order of injection. */
  readonly #active: Active[] = [];
  /** Every step that holds, or is just being done or undone. */
  readonly #marked = new Map<FaultStep, Hit>();
  readonly #running: Promise<unknown>;
  #healFailure: string | null = null;

  /** Begins; `stopping` ends every wait. */
  constructor(it: {
    readonly steps: readonly FaultStep[];
    readonly cluster: Cluster;
    readonly recorder: Recorder;
    readonly write: (line: FaultLine) => void;
    readonly stopping: Latch;
    /** Which calls of the workload are reads. */
    readonly isRead: (call: Call) => boolean;
  }) {
    this.#cluster = it.cluster;
    this.#recorder = it.recorder;
    this.#write = it.write;
    this.#stopping = it.stopping;
    this.#isRead = it.isRead;
    this.#leadership = new Leadership(it.cluster);
    this.#triggers = new Triggers(it.cluster, it.recorder);
    this.#beganNs = it.cluster.now();
    this.#running = Promise.all(it.steps.map((step) => this.#run(step)));
    // A defect surfaces in `finish`, not as an unhandled rejection in the middle of the run.
    this.#running.catch(() => {});
  }

  /** What holds now, in words. */
  get active(): readonly string[] {
    return this.#active.map(({ hit }) => hit.about);
  }

  get leader(): Leader | null {
    return this.#leadership.leader;
  }

  /**
   * Waits for steps in the middle of something and undoes what is left, the last harm first; what is cured by a change of the members
   * after all others, since that takes a majority. Throws where a cure failed.
   */
  async finish(): Promise<void> {
    await this.#running;
    const isLast = ({ step }: Active): number => Number(step.kind === 'membership' || step.kind === 'bit-flip');
    const order = this.#active.toReversed().toSorted((a, b) => isLast(a) - isLast(b));
    for (const active of order) await this.#heal(active);
    this.#leadership.stop();
    this.#triggers.stop();
    if (this.#healFailure !== null) throw new StalemateError('failed', this.#healFailure, 'the nodes are ended anyway');
  }

  async #run(step: FaultStep): Promise<void> {
    if (step.when !== undefined) await this.#happened(this.#triggers.of(step.when));
    const fromNs = step.when === undefined ? this.#beganNs : this.#cluster.now();
    await sleepUntil(this.#cluster, fromNs + msToNs(step.atMs), this.#stopping);
    if (step.target === 'leader' && step.nodes === undefined) await this.#waitForLeader();
    await this.#waitForRoom(step);
    if (this.#stopping.isRaised) return;
    const active = await this.#inject(step);
    if (active === null) return;
    await this.#outlast(active);
    if (!this.#stopping.isRaised) await this.#heal(active);
  }

  /** Until then, or until the run ends. */
  async #happened(event: Latch): Promise<void> {
    await Promise.race([event.raised, this.#stopping.raised]);
  }

  async #waitForLeader(): Promise<void> {
    const untilNs = this.#cluster.now() + msToNs(LEADER_WAIT_MS);
    while (this.#knownLeader() === null && !this.#stopping.isRaised) {
      if (this.#cluster.now() >= untilNs) return;
      await sleepUntil(this.#cluster, untilNs, this.#stopping, this.#leadership.news);
    }
  }

  /** A node takes its time to start again, and the step that comes next is not to be lost for it. */
  async #waitForRoom(step: FaultStep): Promise<void> {
    const untilNs = this.#cluster.now() + msToNs(ROOM_WAIT_MS);
    while (!this.#stopping.isRaised && this.#cluster.now() < untilNs) {
      const aimed = this.#aim(step);
      if (aimed.kind === 'hit' || !aimed.passing) return;
      await sleepUntil(this.#cluster, this.#cluster.now() + msToNs(ROOM_EVERY_MS), this.#stopping);
    }
  }

  #aim(step: FaultStep): Aimed {
    const down = this.#nodesHit(({ kind }) => natureOf(kind) === 'down');
    const changing = this.#nodesHit(({ kind }) => kind === 'membership');
    return aim(step, { nodes: this.#cluster.nodes(), leader: this.#knownLeader(), down, changing });
  }

  /** A leader that is down or cut off cannot say that it was deposed: it is not taken for one again until the fault is over. */
  #knownLeader(): Leader | null {
    return this.#leadership.leaderExcept(this.#nodesHit(({ kind }) => natureOf(kind) !== 'strain'));
  }

  async #inject(step: FaultStep): Promise<Active | null> {
    const leader = this.#knownLeader();
    const hit = this.#aim(step);
    if (hit.kind === 'miss') return this.#skip(step, hit.reason);
    this.#marked.set(step, hit);
    const injuries = await this.#applyAll(hit.actions);
    if (typeof injuries === 'string') {
      this.#marked.delete(step);
      return this.#skip(step, injuries);
    }
    const active = { step, hit, injuries, ...this.#watchWindow(step, leader) };
    this.#active.push(active);
    this.#triggers.onFault(step, 'inject');
    this.#write({
      event: 'inject',
      id: step.id,
      time: this.#cluster.now(),
      kind: step.kind,
      target: step.target,
      nodes: hit.nodes,
      ...(hit.sides && { sides: hit.sides }),
      leader,
      about: hit.about,
      evidence: injuries.map((injury) => injury.evidence).join('; '),
    });
    return active;
  }

  /** All of them or none: where one could not be done, the others are undone and its reason is returned. */
  async #applyAll(actions: readonly FaultAction[]): Promise<readonly Injury[] | string> {
    const injuries: Injury[] = [];
    try {
      for (const action of actions) injuries.push(await this.#cluster.apply(action));
      return injuries;
    } catch (error) {
      for (const injury of injuries.toReversed()) await this.#cure(injury);
      return reasonOf(error);
    }
  }

  #skip(step: FaultStep, reason: string): null {
    const { id, kind, target } = step;
    this.#write({ event: 'skip', id, time: this.#cluster.now(), kind, target, reason });
    return null;
  }

  #watchWindow(step: FaultStep, leader: Leader | null): Pick<Active, 'window' | 'stopWatching'> {
    if (step.heal !== 'stale-window' || leader === null) return { window: null, stopWatching: () => {} };
    const window = new StaleWindow(leader, this.#isRead);
    return { window, stopWatching: this.#recorder.listen((line, witnessOf) => window.observe(line, witnessOf)) };
  }

  /** Until the step's time is over, what it lasts until has happened and, for a leader fault, its window occurred. */
  async #outlast({ step, window }: Active): Promise<void> {
    const beganNs = this.#cluster.now();
    const latestNs = beganNs + msToNs(step.maxMs);
    await sleepUntil(this.#cluster, beganNs + msToNs(step.forMs), this.#stopping);
    if (step.until !== undefined) {
      await sleepUntil(this.#cluster, latestNs, this.#stopping, this.#triggers.of(step.until));
    }
    if (window === null) return;
    await sleepUntil(this.#cluster, latestNs, this.#stopping, window.opened);
    if (step.kind !== 'pause') return;
    // A stopped leader answers what is in its buffers when it goes on, before it hears of its successor. A read that its
    // sender gave up on proves nothing, so it is woken while one is under way.
    const underWay = window.nextRead();
    await sleepUntil(this.#cluster, latestNs, this.#stopping, underWay);
    if (underWay.isRaised) await sleepUntil(this.#cluster, this.#cluster.now() + msToNs(IN_BUFFERS_MS), this.#stopping);
  }

  async #heal(active: Active): Promise<void> {
    const { step, injuries, window, stopWatching } = active;
    const cured = [];
    for (const injury of injuries.toReversed()) cured.push(await this.#cure(injury));
    stopWatching();
    this.#active.splice(this.#active.indexOf(active), 1);
    this.#marked.delete(step);
    this.#triggers.onFault(step, 'heal');
    this.#write({
      event: 'heal',
      id: step.id,
      time: this.#cluster.now(),
      effective: cured.every(({ effective }) => effective),
      evidence: cured.map(({ evidence }) => evidence).join('; '),
      window: window?.opened.isRaised ?? false,
    });
  }

  /** A cure that fails is written down and remembered, so that the others are still done. */
  async #cure(injury: Injury): Promise<{ readonly effective: boolean; readonly evidence: string }> {
    try {
      return await injury.heal();
    } catch (error) {
      this.#healFailure ??= `a fault of ${injury.nodes.join(' ')} could not be undone: ${reasonOf(error)}`;
      return { effective: false, evidence: `could not be undone: ${reasonOf(error)}` };
    }
  }

  /** The nodes of every fault that holds or is about to, of the kinds that matter. */
  #nodesHit(matters: (step: FaultStep) => boolean): ReadonlySet<NodeId> {
    return new Set([...this.#marked].flatMap(([step, hit]) => (matters(step) ? hit.nodes : [])));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
