/** Cuts that overlap: a link is whole again when the last of those who cut it heal. */
import type { Cut } from '../contract/fault.ts';
import type { Simulation } from './sim.ts';

export class CountedCuts {
  readonly #simulation: Pick<Simulation, 'cut' | 'heal'>;
  /** How many faults cut the link, by `from to`. */
  readonly #counts = new Map<string, number>();

  constructor(simulation: Pick<Simulation, 'cut' | 'heal'>) {
    this.#simulation = simulation;
  }

  add(cuts: readonly Cut[]): void {
    for (const { from, to } of cuts) if (this.#count(from, to, 1) === 1) this.#simulation.cut(from, to);
  }

  remove(cuts: readonly Cut[]): void {
    for (const { from, to } of cuts) if (this.#count(from, to, -1) === 0) this.#simulation.heal(from, to);
  }

  #count(from: string, to: string, change: 1 | -1): number {
    const count = (this.#counts.get(`${from} ${to}`) ?? 0) + change;
    this.#counts.set(`${from} ${to}`, count);
    return count;
  }
}
