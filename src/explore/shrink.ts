/**
 * From a plan that shows a violation to a small one that shows a violation of the same class: first the calls that were asked are written
 * into the plan, so that they can be taken out one by one; then the world is made calm, the end cut off, and faults, calls and durations are
 * taken away as long as the violation comes back (delta debugging: Zeller & Hildebrandt 2002, `ddmin`).
 *
 * A candidate is played with more than one seed, since what is taken out changes what the network draws for the rest.
 */
import type { FaultStep, HistoryLine, Plan, PlannedCall, Trigger } from '../contract/index.ts';
import { NS_PER_MS } from '../base/time.ts';
import { findingsOf, play, type Finding, type Played } from './play.ts';
import { DEFAULT_WORLD, worldOf } from './world.ts';

/** What came of it. */
export interface Shrunk {
  readonly played: Played;
  /** The violation, of the class that was asked for. */
  readonly finding: Finding;
  /** Plans that were played on the way. */
  readonly plays: number;
}

export interface ShrinkOptions {
  /** At most so many plays. */
  readonly maxPlays?: number;
  /** Asked between two plays. */
  readonly shouldStop?: () => boolean;
}

const MAX_PLAYS = 600;
/** How many seeds a candidate is tried with. */
const SEEDS = 2;

/** Shrinks. `of` names the class that must recur. The plan itself has to show it. */
export async function shrink(
  from: { readonly played: Played; readonly of: Finding },
  options: ShrinkOptions = {},
): Promise<Shrunk> {
  const search = new Search(from, options);
  await search.attempt(withCalls(from.played));
  await search.calm();
  await search.cutEnd();
  await search.rounds();
  const atEvents = search.best;
  if (!search.plan.steps.some(({ when, until: end }) => when !== undefined || end !== undefined)) return atEvents;
  // A step that waits for so many answers keeps the calls that give them.
  if (!(await search.attempt(withTimes(atEvents.played)))) return search.best;
  await search.rounds();
  return isSmaller(search.plan, atEvents.played.plan) ? search.best : { ...atEvents, plays: search.best.plays };
}

function isSmaller(plan: Plan, than: Plan): boolean {
  const sizes = [plan, than].map(({ steps, calls = [] }) => steps.length + calls.flat().length);
  return sizes[0]! < sizes[1]!;
}

function sizeOf({ steps, calls = [], timeMs, nodes }: Plan): string {
  return [steps.length, calls.flat().length, timeMs, nodes].join();
}

/** The plan with the calls that its clients asked, each at its time. Those of the final reads belong to every run. */
export function withCalls({ plan, history }: Pick<Played, 'plan' | 'history'>): Plan {
  if (plan.calls !== undefined) return plan;
  const calls: PlannedCall[][] = Array.from({ length: plan.clients }, () => []);
  for (const line of history) {
    if (line.type !== 'invoke' || line.time >= plan.timeMs * NS_PER_MS) continue;
    calls[line.process % plan.clients]!.push({ atMs: line.time / NS_PER_MS, call: callOf(line) });
  }
  return { ...plan, calls };
}

/** The plan with its steps at the times at which they were done, for as long as they were: none waits for an event. */
export function withTimes({ plan, faults }: Pick<Played, 'plan' | 'faults'>): Plan {
  const timeOf = (event: 'inject' | 'heal', id: number): number | undefined => {
    const line = faults.find((it) => it.event === event && it.id === id);
    return line && line.time / NS_PER_MS;
  };
  const steps = plan.steps.map((step): FaultStep => {
    const { when, until: end, ...rest } = step;
    const [fromMs, toMs] = [timeOf('inject', step.id), timeOf('heal', step.id)];
    if ((when === undefined && end === undefined) || fromMs === undefined || toMs === undefined) return step;
    const forMs = toMs - fromMs;
    return { ...rest, atMs: fromMs, forMs, maxMs: Math.max(forMs, step.maxMs) };
  });
  return { ...plan, steps };
}

function callOf({ f, key, value }: HistoryLine): PlannedCall['call'] {
  return key === undefined ? { f, value } : { f, key, value };
}

class Search {
  readonly #of: Finding;
  readonly #options: ShrinkOptions;
  #best: Shrunk;
  #plays = 0;

  constructor({ played, of }: { readonly played: Played; readonly of: Finding }, options: ShrinkOptions) {
    this.#of = of;
    this.#options = options;
    this.#best = { played, finding: of, plays: 0 };
  }

  get plan(): Plan {
    return this.#best.played.plan;
  }

  get best(): Shrunk {
    return { ...this.#best, plays: this.#plays };
  }

  /** Takes the candidate for the best plan if the violation comes back. */
  async attempt(candidate: Plan): Promise<boolean> {
    const { maxPlays = MAX_PLAYS, shouldStop } = this.#options;
    for (let nth = 0; nth < SEEDS; nth++) {
      if (this.#plays >= maxPlays || shouldStop?.() === true) return false;
      this.#plays++;
      const played = await play(nth === 0 ? candidate : { ...candidate, seed: `${candidate.seed}'` });
      const finding = findingsOf(played).find((it) => it.detector === this.#of.detector && it.class === this.#of.class);
      if (finding === undefined) continue;
      this.#best = { played, finding, plays: this.#plays };
      return true;
    }
    return false;
  }

  /** Takes away what can be had, until nothing can. */
  async rounds(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      const before = sizeOf(this.plan);
      await this.reduce(this.plan.steps, withSteps);
      await this.reduceCalls();
      await this.fewerNodes();
      await this.shorten();
      if (sizeOf(this.plan) === before) return;
    }
  }

  /** Everything at once, or one after another what can be had. */
  async calm(): Promise<void> {
    const world = worldOf(this.plan);
    const { peerLink, clientLink, syncMs, snapshots, segmentBytes, clockRates } = DEFAULT_WORLD;
    if (
      await this.attempt({
        ...this.plan,
        world: { ...world, peerLink, clientLink, syncMs, snapshots, segmentBytes, clockRates },
      })
    ) {
      return;
    }
    const calmer: readonly Partial<typeof world>[] = [
      { clientLink },
      { peerLink },
      { peerLink: { ...peerLink, delayMs: world.peerLink.delayMs } },
      { syncMs },
      { snapshots, segmentBytes },
      { clockRates },
    ];
    for (const change of calmer) await this.attempt({ ...this.plan, world: { ...worldOf(this.plan), ...change } });
  }

  /** The shortest beginning that shows it, by halving. */
  async cutEnd(): Promise<void> {
    let low = 0;
    let high = this.plan.timeMs;
    while (high - low > Math.max(20, high / 20)) {
      const timeMs = Math.round((low + high) / 2);
      if (await this.attempt(until(this.plan, timeMs))) high = timeMs;
      else low = timeMs;
    }
  }

  async fewerNodes(): Promise<void> {
    for (let nodes = 3; nodes < this.plan.nodes; nodes++) if (await this.attempt({ ...this.plan, nodes })) return;
  }

  async reduceCalls(): Promise<void> {
    const flat = (this.plan.calls ?? []).flatMap((calls, slot) => calls.map((it) => ({ slot, ...it })));
    await this.reduce(flat, (plan, kept) => ({
      ...plan,
      calls: Array.from({ length: plan.clients }, (_, slot) =>
        kept.filter((it) => it.slot === slot).map(({ atMs, call }) => ({ atMs, call })),
      ),
    }));
  }

  async shorten(): Promise<void> {
    for (const step of this.plan.steps) {
      for (const forMs of [1, 50, 300].filter((ms) => ms < step.forMs)) {
        const shorter = (it: FaultStep): FaultStep =>
          it.id === step.id ? { ...it, forMs, maxMs: Math.max(forMs, it.maxMs === it.forMs ? forMs : it.maxMs) } : it;
        if (await this.attempt({ ...this.plan, steps: this.plan.steps.map(shorter) })) break;
      }
    }
  }

  /** ddmin: complements of ever smaller pieces. */
  async reduce<T>(items: readonly T[], put: (plan: Plan, items: readonly T[]) => Plan): Promise<void> {
    let kept = items;
    let pieces = 1;
    while (kept.length > 0) {
      const size = Math.ceil(kept.length / pieces);
      let isSmaller = false;
      for (let from = 0; from < kept.length;) {
        const rest = [...kept.slice(0, from), ...kept.slice(from + size)];
        if (await this.attempt(put(this.plan, rest))) {
          kept = rest;
          isSmaller = true;
        } else from += size;
      }
      if (size === 1 && !isSmaller) return;
      if (!isSmaller || size > 1) pieces = Math.min(kept.length, pieces * 2);
      if (kept.length === 0) return;
    }
  }
}

/** With these faults, and no others asked for, or waited for. */
function withSteps(plan: Plan, wanted: readonly FaultStep[]): Plan {
  const steps = waitingForNoneBut(wanted);
  const requested = plan.requested.filter(({ kind }) => steps.some((step) => step.kind === kind));
  return { ...plan, requested, steps };
}

/** Who waits for a step that is gone is never done, or lasts as long as it may: without a word of it, it comes to the same. */
function waitingForNoneBut(steps: readonly FaultStep[]): readonly FaultStep[] {
  const isGone = (it: Trigger | undefined): boolean => it?.kind === 'fault' && !steps.some(({ id }) => id === it.id);
  const done = steps.filter(({ when }) => !isGone(when));
  if (done.length < steps.length) return waitingForNoneBut(done);
  return steps.map((step) => (isGone(step.until) ? lasting(step) : step));
}

function lasting(step: FaultStep): FaultStep {
  const { until: _, ...rest } = step;
  return { ...rest, forMs: Math.max(step.forMs, step.maxMs) };
}

/** Nothing of the plan begins after that. */
function until(plan: Plan, timeMs: number): Plan {
  const steps = plan.steps.filter((step) => step.when !== undefined || step.atMs < timeMs);
  return {
    ...withSteps(plan, steps),
    timeMs,
    ...(plan.calls && { calls: plan.calls.map((calls) => calls.filter((it) => it.atMs < timeMs)) }),
  };
}
