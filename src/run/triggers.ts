/** The events that steps of a plan wait for, seen in probes, in what clients were answered, and in the faults themselves. */
import type { Cluster, FaultStep, Probe, Stop, Trigger } from '../contract/index.ts';
import { Latch } from './latch.ts';
import type { Recorder } from './recorder.ts';

export class Triggers {
  readonly stop: Stop;
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  /** What somebody waits for, until it happened. Several may wait for one trigger. */
  readonly #waiting = new Map<Latch, Trigger>();
  readonly #events = new Set<string>();
  #term = 0;
  #appended = 0;
  #committed = 0;

  constructor(cluster: Cluster, recorder: Recorder) {
    this.#cluster = cluster;
    this.#recorder = recorder;
    const stops = [cluster.watch((probe) => this.#observe(probe)), recorder.listen(() => this.#fire('answered'))];
    this.stop = () => stops.forEach((stop) => stop());
  }

  /** Raised once that has happened; at once where it has already. */
  of(trigger: Trigger): Latch {
    const latch = new Latch();
    if (this.#holds(trigger)) latch.raise();
    else this.#waiting.set(latch, trigger);
    return latch;
  }

  /** To be told of every step that is done, or undone. */
  onFault({ id }: FaultStep, event: 'inject' | 'heal'): void {
    this.#events.add(`${event} ${id}`);
    this.#fire('fault');
  }

  #observe(probe: Probe): void {
    if (probe.kind === 'role' && probe.role === 'leader' && probe.term > this.#term) {
      this.#term = probe.term;
      this.#fire('leader');
    } else if (probe.kind === 'append' && probe.index > this.#appended) {
      this.#appended = probe.index;
      this.#fire('append');
    } else if (probe.kind === 'commit' && probe.index > this.#committed) {
      this.#committed = probe.index;
      this.#fire('commit');
    }
  }

  #fire(kind: Trigger['kind']): void {
    for (const [latch, trigger] of this.#waiting) {
      if (trigger.kind !== kind || !this.#holds(trigger)) continue;
      this.#waiting.delete(latch);
      latch.raise();
      // Whoever waited acts now: time does not go on before that.
      void this.#cluster.sleep(0);
    }
  }

  #holds(trigger: Trigger): boolean {
    switch (trigger.kind) {
      case 'leader':
        return this.#term >= trigger.term;
      case 'answered':
        return this.#recorder.counts.ok >= trigger.operations;
      case 'fault':
        return this.#events.has(`${trigger.event} ${trigger.id}`);
      case 'append':
        return this.#appended >= trigger.index;
      case 'commit':
        return this.#committed >= trigger.index;
    }
  }
}
