/**
 * Who leads in a system that is not ours: each node is asked now and then what it believes, and every change becomes a probe, told to whoever
 * watches and written to nodes/<n>/probes.jsonl. A node that is stopped or down says nothing, and what it said last stands until then.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import type { Nanos } from '../base/time.ts';
import type { Stop } from '../contract/cluster.ts';
import type { NodeId } from '../contract/names.ts';
import type { Probe } from '../contract/probe.ts';
import type { Look } from '../contract/system.ts';

export interface LooksOptions {
  readonly nodes: readonly NodeId[];
  /** The run's nodes/. */
  readonly folder: string;
  readonly now: () => Nanos;
  /** Whether the node can answer at all. */
  readonly isUp: (node: NodeId) => boolean;
  readonly look: (node: NodeId, timeoutMs: number) => Promise<Look | null>;
}

const LOOK_EVERY_MS = 100;
const LOOK_TIMEOUT_MS = 500;

export class Looks {
  readonly #options: LooksOptions;
  readonly #last = new Map<NodeId, Probe & { readonly kind: 'role' }>();
  readonly #listeners = new Set<(probe: Probe) => void>();
  #loops: readonly Promise<void>[] = [];
  readonly #stopping = new AbortController();

  constructor(options: LooksOptions) {
    this.#options = options;
  }

  /** Begins to ask. */
  start(): void {
    this.#loops = this.#options.nodes.map((node) => this.#follow(node));
  }

  /** Tells at once what each node said last, then every change. */
  watch(listener: (probe: Probe) => void): Stop {
    for (const probe of this.#last.values()) listener(probe);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The term that the node named last; undefined before it did, and where its system has none. */
  termOf(node: NodeId): number | undefined {
    return this.#last.get(node)?.term || undefined;
  }

  /** Resolves when nobody is asked any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #follow(node: NodeId): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const { isUp, look } = this.#options;
      const seen = isUp(node) ? await look(node, LOOK_TIMEOUT_MS).catch(() => null) : null;
      if (seen !== null) this.#tell(node, seen);
      await sleepMs(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  #tell(node: NodeId, { role, term, leader }: Look): void {
    const last = this.#last.get(node);
    if (last?.role === role && last.term === term && last.leader === leader) return;
    const probe = { time: this.#options.now(), node, kind: 'role', role, term, leader } as const;
    this.#last.set(node, probe);
    appendFileSync(join(this.#options.folder, node, 'probes.jsonl'), `${JSON.stringify(probe)}\n`);
    for (const listener of this.#listeners) listener(probe);
  }
}
