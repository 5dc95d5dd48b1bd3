/**
 * Client load on a simulation: slots that draw calls from a workload, one after another, and the history of what they asked
 * and were answered, as lines of history.jsonl. Draws are keyed by (seed, slot, nth): timing never changes what a client asks.
 */
import type { Call } from '../../checker/index.ts';
import { keyed } from '../../src/base/random.ts';
import { msToNs } from '../../src/base/time.ts';
import type { Completion, HistoryLine } from '../../src/contract/index.ts';
import { learned } from '../../src/run/client-loop.ts';
import { answeredCall } from '../../src/run/recorder.ts';
import type { SimClient, Simulation } from '../../src/sim/sim.ts';
import { findWorkload, type Generator, type Workload } from '../../workloads/index.ts';

export interface LoadOptions {
  readonly seed: string;
  /** cas-register where left out. */
  readonly workload?: string;
  readonly clients: number;
  /** Pinned to a node each and reading only: they stay with a node that was deposed, and see what it says. */
  readonly witnesses: number;
  readonly keys: readonly string[];
  readonly reads: string;
  /** Between an answer and the next call, at most. */
  readonly pauseMs: number;
  readonly attemptTimeoutMs: number;
  readonly operationTimeoutMs: number;
}

interface Slot {
  readonly number: number;
  readonly client: SimClient;
  readonly entry: string;
  readonly generator: Generator;
  process: number;
  asked: number;
}

export class Load {
  /** In the order in which it happened. */
  readonly lines: HistoryLine[] = [];
  readonly #simulation: Simulation;
  readonly #options: LoadOptions;
  readonly #workload: Workload;
  readonly #slots: readonly Slot[];
  #stopped = false;
  #open = 0;

  constructor(simulation: Simulation, options: LoadOptions) {
    this.#simulation = simulation;
    this.#options = options;
    this.#workload = findWorkload(options.workload ?? 'cas-register');
    const total = options.clients + options.witnesses;
    this.#slots = Array.from({ length: total }, (_, number) => this.#slot(number, total));
  }

  start(): void {
    for (const slot of this.#slots) this.#next(slot);
  }

  /** No new calls; those that are open go on. */
  stop(): void {
    this.#stopped = true;
  }

  get isIdle(): boolean {
    return this.#open === 0;
  }

  /** One call outside the load, under a process of its own, recorded like the others. */
  ask(client: SimClient, process: number, call: Call, done: (completion: Completion) => void = () => {}): void {
    this.#record(process, 'invoke', call, {});
    client.invoke(call, this.#options.operationTimeoutMs, (completion) => {
      this.#complete(process, call, completion);
      done(completion);
    });
  }

  #slot(number: number, total: number): Slot {
    const { keys, clients, reads, attemptTimeoutMs } = this.#options;
    const isWitness = number >= clients;
    const nodes = this.#simulation.ids;
    const entry = nodes[(isWitness ? number - clients : number) % nodes.length]!;
    const name = `c${number}`;
    return {
      number,
      entry,
      client: this.#simulation.connect({
        name,
        entry,
        pinned: isWitness,
        reads,
        vocabulary: this.#workload.model.name,
        attemptTimeoutMs,
      }),
      generator: this.#workload.generator(number, isWitness ? 'witness' : 'client', { keys, slots: total }),
      process: number,
      asked: 0,
    };
  }

  #next(slot: Slot): void {
    const { seed, pauseMs } = this.#options;
    const draws = keyed(seed, 'slot', slot.number, slot.asked++);
    this.#simulation.clock.after(msToNs(pauseMs * draws.next()), () => {
      if (this.#stopped) return;
      const call = slot.generator.next(draws);
      this.#open++;
      this.ask(slot.client, slot.process, call, (completion) => {
        this.#open--;
        slot.generator.saw(call, learned(completion));
        if (completion.kind === 'unknown') slot.process += this.#slots.length;
        this.#next(slot);
      });
    });
  }

  #complete(process: number, call: Call, completion: Completion): void {
    switch (completion.kind) {
      case 'ok':
        return this.#record(process, 'ok', answeredCall(call, completion.output), completion.from ?? {});
      case 'fail':
        return this.#record(process, 'fail', call, { error: completion.error, ...completion.from });
      case 'unknown':
        return this.#record(process, 'info', call, { error: completion.error });
    }
  }

  #record(process: number, type: HistoryLine['type'], call: Call, more: Partial<HistoryLine>): void {
    const time = this.#simulation.clock.nowNs();
    this.lines.push({ index: this.lines.length, time, process, type, ...call, ...more });
  }
}
