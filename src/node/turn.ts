/**
 * The end of a turn. One wake of the event loop brings many messages at once; what they cause is gathered and done once, when
 * all were handled, in an order that matters: probes first, so that whatever another process can see of this node stands in its
 * probe file even if it is killed the next moment; then fsyncs start, one for all; then sockets write.
 */

const PHASES = ['inputs', 'probes', 'disk', 'sockets'] as const;
export type Phase = (typeof PHASES)[number];

export class Turn {
  readonly #work: Record<Phase, (() => void)[]> = { inputs: [], probes: [], disk: [], sockets: [] };
  #scheduled = false;

  /** Runs `work` once at the end of this turn, in its phase. */
  at(phase: Phase, work: () => void): void {
    this.#work[phase].push(work);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#end());
  }

  /** What one phase leads to in a later one is done in the same end. */
  #end(): void {
    for (const phase of PHASES) {
      const work = this.#work[phase];
      this.#work[phase] = [];
      for (const it of work) it();
    }
    this.#scheduled = PHASES.some((phase) => this.#work[phase].length > 0);
    if (this.#scheduled) setImmediate(() => this.#end());
  }
}
