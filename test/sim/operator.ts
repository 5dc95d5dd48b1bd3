/**
 * Whoever runs a simulated cluster and changes its members: asks, one change after another, and asks again until it is done. A
 * change names all members that are wanted, so asking twice does no harm.
 */
import { msToNs } from '../../src/base/time.ts';
import type { Simulation, WantedMembers } from '../../src/sim/sim.ts';

const ASK_AGAIN_MS = 30;
/** A newcomer is likely to be level by then. */
const LEVEL_AFTER_MS = 200;
/** How long two leaders in turn are kept apart, and how long the second one has for its change. */
const RIVALRY_MS = 1500;
const SECOND_LEADS_MS = 150;

type Step = (next: () => void) => void;

export class Operator {
  /** The members as they are once everything that was begun is done. */
  voters: readonly string[];
  /** Changes that were answered. */
  done = 0;
  readonly #simulation: Simulation;
  readonly #queue: Step[] = [];
  #isBusy = false;
  #asked = 0;
  #onLeader: ((id: string) => void) | null = null;
  #isRivalry = false;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.voters = simulation.ids;
  }

  get isIdle(): boolean {
    return !this.#isBusy;
  }

  /** Adds so many new nodes in one change: learners first, then voters. Gives their ids once they are started. */
  add(count: number, cutOffForMs: number): void {
    this.#begin((next) =>
      this.#join(count, (added) => {
        this.#cutOff(added, cutOffForMs);
        this.#settle([...this.voters, ...added], next);
      }),
    );
  }

  /** Removes a voter, and leaves it running for a while: it may not know. */
  remove(id: string, runsOnForMs: number): void {
    this.#begin((next) => {
      const rest = this.voters.filter((voter) => voter !== id);
      if (rest.length < 2 || rest.length === this.voters.length) return next();
      this.#settle(rest, () => {
        this.#retireAfter(id, runsOnForMs);
        next();
      });
    });
  }

  /** A new node takes the place of a voter in one change. */
  replace(
    id: string,
    { runsOnForMs, cutOffForMs }: { readonly runsOnForMs: number; readonly cutOffForMs: number },
  ): void {
    this.#begin((next) => {
      if (!this.voters.includes(id)) return next();
      this.#join(1, (added) => {
        this.#cutOff(added, cutOffForMs);
        this.#settle([...this.voters.filter((voter) => voter !== id), ...added], () => {
          this.#retireAfter(id, runsOnForMs);
          next();
        });
      });
    });
  }

  /** The machine of a voter dies, and a new node starts at its address while others still take it for the old one. */
  replaceInPlace(id: string): void {
    this.#begin((next) => {
      const rest = this.voters.filter((voter) => voter !== id);
      if (rest.length < 2 || rest.length === this.voters.length) return next();
      this.#simulation.retire(id);
      const newcomer = this.#newId();
      this.#simulation.join(newcomer, this.#simulation.addressOf(id));
      this.#settle(rest, () => {
        this.#ask({ voters: rest, learners: [newcomer] }, () => this.#settle([...rest, newcomer], next));
      });
    });
  }

  /**
   * The schedule of Ongaro's mail of July 2015, with four voters: a leader that is among itself and a newcomer is asked to add it; the
   * next one is asked, the moment that it leads, to remove the first; then both are cut off from each other the other way round.
   */
  rivals(): void {
    if (this.voters.length === 3) this.add(1, 0);
    this.#begin((next) => {
      const { voters } = this;
      if (voters.length !== 4) return next();
      this.#join(1, ([newcomer]) => {
        this.#simulation.clock.after(msToNs(LEVEL_AFTER_MS), () => this.#setAgainst(newcomer!, voters, next));
      });
    });
  }

  #setAgainst(newcomer: string, voters: readonly string[], next: () => void): void {
    const first = this.#simulation.leader() ?? voters[0]!;
    this.#simulation.isolate([first, newcomer]);
    this.#askOnce(first, { voters: [...voters, newcomer] });
    this.#isRivalry = true;
    this.#onLeader = (second) => {
      if (second === first || !voters.includes(second)) return;
      this.#onLeader = null;
      this.#remove({ first, second, newcomer, voters });
    };
    this.#simulation.clock.after(msToNs(RIVALRY_MS), () => {
      this.#onLeader = null;
      this.#isRivalry = false;
      this.#simulation.healAll();
      const rest = voters.filter((id) => id !== first);
      this.#ask({ voters: rest, learners: [first, newcomer] }, () => this.#settle(voters, next));
    });
  }

  /** The second leader's no-op reaches itself and one other: two of four. */
  #remove(it: { first: string; second: string; newcomer: string; voters: readonly string[] }): void {
    const { first, second, newcomer, voters } = it;
    const [near, far] = voters.filter((id) => id !== first && id !== second) as [string, string];
    this.#simulation.isolate([far]);
    this.#askOnce(second, { voters: [second, near, far], learners: [newcomer] });
    this.#simulation.clock.after(msToNs(SECOND_LEADS_MS), () => {
      if (!this.#isRivalry) return;
      this.#simulation.healAll();
      this.#simulation.isolate([second, near]);
    });
  }

  /** To be told of everyone that begins to lead. */
  onLeader(id: string): void {
    this.#onLeader?.(id);
  }

  /** One change to exactly these. */
  become(wanted: WantedMembers): void {
    this.#begin((next) =>
      this.#ask(wanted, () => {
        this.voters = wanted.voters;
        next();
      }),
    );
  }

  #begin(step: Step): void {
    this.#queue.push(step);
    if (!this.#isBusy) this.#next();
  }

  #next(): void {
    const step = this.#queue.shift();
    this.#isBusy = step !== undefined;
    step?.(() => this.#next());
  }

  #join(count: number, then: (added: readonly string[]) => void): void {
    const added = Array.from({ length: count }, () => {
      const id = this.#newId();
      this.#simulation.join(id);
      return id;
    });
    this.#ask({ voters: this.voters, learners: added }, () => then(added));
  }

  /** The leader and these are among themselves for a while. */
  #cutOff(newcomers: readonly string[], ms: number): void {
    const leader = this.#simulation.leader();
    if (ms === 0 || leader === undefined) return;
    this.#simulation.isolate([leader, ...newcomers]);
    this.#simulation.clock.after(msToNs(ms), () => this.#simulation.healAll());
  }

  #newId(): string {
    return `n${this.#simulation.ids.length + 1}`;
  }

  #settle(voters: readonly string[], next: () => void): void {
    this.#ask({ voters }, () => {
      this.voters = voters;
      next();
    });
  }

  #retireAfter(id: string, ms: number): void {
    this.#simulation.clock.after(msToNs(ms), () => this.#simulation.retire(id));
  }

  #askOnce(id: string, wanted: WantedMembers): void {
    this.#simulation.changeMembers(id, wanted, () => {});
  }

  /** Asks whoever seems to lead, again and again, until one answers that it is done. */
  #ask(wanted: WantedMembers, then: () => void): void {
    const { clock } = this.#simulation;
    let isDone = false;
    const ask = (): void => {
      if (isDone) return;
      const to = this.#simulation.leader() ?? this.#simulation.ids[this.#asked++ % this.#simulation.ids.length]!;
      this.#simulation.changeMembers(to, wanted, (answer) => {
        if (answer?.kind !== 'result' || isDone) return;
        isDone = true;
        this.done++;
        then();
      });
      clock.after(msToNs(ASK_AGAIN_MS), ask);
    };
    ask();
  }
}
