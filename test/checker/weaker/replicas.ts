/**
 * Histories of clients that each have a replica of their own, which writes reach late: a simulation, so that what it promises is
 * known by construction. `causal` delivers a write only after those that its writer knew of, and the last to arrive wins;
 * `convergent` does too, and the larger of two timestamps wins everywhere; `lagging` replicas follow one log, the index of whose
 * last entry answers with.
 */
import type { History, Json, Operation } from '../../../checker/index.ts';
import type { Random } from '../../../src/base/random.ts';

export interface ReplicaShape {
  readonly kind: 'causal' | 'convergent' | 'lagging';
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
}

interface Write {
  readonly key: string;
  readonly value: number;
  /** Larger than that of every write that its writer knew of. */
  readonly stamp: number;
  /** How many writes of each client its writer knew of. */
  readonly known: readonly number[];
}

class Replica {
  readonly #wins: boolean;
  readonly #newest = new Map<string, Write>();
  readonly known: number[];
  #clock = 0;

  constructor(clients: number, options: { readonly largestWins: boolean }) {
    this.#wins = options.largestWins;
    this.known = Array.from({ length: clients }, () => 0);
  }

  read(key: string): Json {
    return this.#newest.get(key)?.value ?? null;
  }

  stamp(client: number): number {
    return (this.#clock + 1) * this.known.length + client;
  }

  deliver(from: number, write: Write): void {
    this.known[from]!++;
    this.#clock = Math.max(this.#clock, Math.floor(write.stamp / this.known.length));
    const old = this.#newest.get(write.key);
    if (!this.#wins || old === undefined || write.stamp > old.stamp) this.#newest.set(write.key, write);
  }
}

/** One operation after another, each at its client's replica. */
export function replicaHistory(random: Random, shape: ReplicaShape): History {
  const replicas = Array.from(
    { length: shape.clients },
    () => new Replica(shape.clients, { largestWins: shape.kind === 'convergent' }),
  );
  const log: Write[] = [];
  const sent: Write[][] = replicas.map(() => (shape.kind === 'lagging' ? log : []));
  const operations = Array.from({ length: shape.operations }, (_none, id): Operation => {
    const client = random.int(shape.clients);
    const key = `k${random.int(shape.keys)}`;
    const f = random.pick(['read', 'write']);
    const replica = replicas[client]!;
    if (shape.kind === 'lagging') follow(random, log, replica);
    else exchange(random, sent, { client, replica });
    const write = { key, value: id + 1, stamp: replica.stamp(client), known: [...replica.known] };
    const isLogged = shape.kind === 'lagging' && f === 'write';
    if (f === 'write') sent[client]!.push(write);
    if (f === 'write' && !isLogged) replica.deliver(client, write);
    return {
      id,
      process: client,
      input: { f, key, value: f === 'read' ? null : write.value },
      callNs: id * 100,
      outcome: { kind: 'ok', output: f === 'read' ? replica.read(key) : null, returnNs: id * 100 + 50 },
      ...(shape.kind === 'lagging' ? { applied: isLogged ? log.length : replica.known[0]! } : {}),
    };
  });
  return { operations, failed: [], clients: shape.clients, warnings: [] };
}

const LAG_MAX = 10;

/** What others sent arrives in order, but for the last few, and not before what its writer knew of. */
function exchange(
  random: Random,
  sent: readonly (readonly Write[])[],
  { client, replica }: { readonly client: number; readonly replica: Replica },
): void {
  sent.forEach((writes, from) => {
    const arrived = writes.length - random.int(LAG_MAX);
    for (let at = replica.known[from]!; from !== client && at < arrived; at++) {
      const write = writes[at]!;
      if (write.known.some((count, other) => other !== from && replica.known[other]! < count)) return;
      replica.deliver(from, write);
    }
  });
}

/** The log arrives but for its last few entries; `known[0]` counts it. */
function follow(random: Random, log: readonly Write[], replica: Replica): void {
  const arrived = log.length - random.int(LAG_MAX);
  for (let at = replica.known[0]!; at < arrived; at++) replica.deliver(0, log[at]!);
}
