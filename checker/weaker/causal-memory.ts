/**
 * Causal memory (CM): for each client there is one order of the writes that it can know of, in line with the causal order, in
 * which its own reads are right. The client's *happened-before* is the least order that has the causal order and, for a read of
 * the client that saw w′, puts every other write of that register that is before the read before w′ too. Bad patterns
 * (Bouajjani et al. 2017): CyclicHB, and WriteHBInitRead, a write before a read of the initial value. The order grows with the
 * client's operations, so the last ones decide for all.
 */
import { NEVER } from '../linear/columns.ts';
import { NONE } from '../linear/register-part.ts';
import type { CausalOrder, WritesByChain } from './causal-order.ts';
import { isUpTo } from './causal-order.ts';
import { INITIAL, isObserver, type ClientHistory } from './client-history.ts';
import type { Finding } from './finding.ts';
import { GrowingOrder, type Growth } from './growing-order.ts';

/** Decides causal memory of a history that is causally consistent. */
export function causalMemory(
  history: ClientHistory,
  causal: CausalOrder,
  writes: WritesByChain,
  maxSteps: number,
): { readonly finding: Finding; readonly steps: number } {
  const order = new GrowingOrder(causal, maxSteps);
  for (const last of lastOperations(history)) {
    const finding = new HappenedBefore({ history, causal, writes, order, last }).saturate();
    if (finding.kind !== 'holds') return { finding, steps: order.steps };
    order.reset();
  }
  return { finding: { kind: 'holds' }, steps: order.steps };
}

/** The operations that no answered one of the same client comes after; crashed ones where they saw something. */
function lastOperations(history: ClientHistory): readonly number[] {
  const { count, clients, client, call, ret, source } = history;
  const lastCall = new Int32Array(clients).fill(-1);
  for (let i = 0; i < count; i++)
    if (ret[i] !== NEVER) lastCall[client[i]!] = Math.max(lastCall[client[i]!]!, call[i]!);
  const last: number[] = [];
  for (let i = 0; i < count; i++) {
    const sawSomething = isObserver(history, i) && source[i]! >= INITIAL;
    if (ret[i]! > lastCall[client[i]!]! && (ret[i] !== NEVER || sawSomething)) last.push(i);
  }
  return last;
}

interface Given {
  readonly history: ClientHistory;
  readonly causal: CausalOrder;
  readonly writes: WritesByChain;
  readonly order: GrowingOrder;
  /** The client's last operation. */
  readonly last: number;
}

class HappenedBefore {
  readonly #given: Given;
  /** Observers of the client that are to be looked at, again if more was put before them. */
  readonly #waiting: number[] = [];
  readonly #isWaiting = new Set<number>();
  readonly #growth: Growth;

  constructor(given: Given) {
    const { causal, last } = given;
    this.#given = given;
    this.#growth = {
      // What the client's last operation cannot know of is no matter.
      matters: (operation) => operation === last || isUpTo(causal, operation, last),
      grew: (operation) => this.#wake(operation),
    };
    for (let i = 0; i <= last; i++) this.#wake(i);
  }

  saturate(): Finding {
    for (let next = 0; next < this.#waiting.length; next++) {
      const read = this.#waiting[next]!;
      this.#isWaiting.delete(read);
      const finding = this.#look(read);
      if (finding.kind !== 'holds') return finding;
      if (this.#given.order.isExhausted) return { kind: 'not-decided', reason: 'the budget of steps is used up' };
    }
    return { kind: 'holds' };
  }

  #look(read: number): Finding {
    const { history, writes, order } = this.#given;
    const writer = history.source[read]!;
    const end = writes.first(history.part[read]! + 1);
    for (let group = writes.first(history.part[read]!); group < end; group++) {
      order.steps++;
      const other = writes.lastBefore(group, order.reach(read, writes.chain(group)));
      if (other === NONE || other === writer) continue;
      if (writer === INITIAL) return { kind: 'violated', pattern: 'WriteHBInitRead', operations: [other, read] };
      if (order.isUpTo(other, writer)) continue;
      if (order.isUpTo(writer, other))
        return { kind: 'violated', pattern: 'CyclicHB', operations: [writer, other, read] };
      order.put(other, writer, this.#growth);
    }
    return { kind: 'holds' };
  }

  #wake(operation: number): void {
    const { history, last } = this.#given;
    const { client, call, ret, source } = history;
    const isOwn = client[operation] === client[last] && (operation === last || ret[operation]! < call[last]!);
    if (!isOwn || !isObserver(history, operation) || source[operation]! < INITIAL) return;
    if (this.#isWaiting.has(operation)) return;
    this.#isWaiting.add(operation);
    this.#waiting.push(operation);
  }
}
