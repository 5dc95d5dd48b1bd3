/**
 * What every total order of a sequentially consistent history must have in it: the causal order, and for each observer r of a
 * value that w wrote, and any other write w′ of the same register: if w′ is before r then it is before w, and if w is before w′
 * then so is r. (These are the constraints of Gibbons and Korach 1997 for reads with a known writer.) A cycle is a proof
 * that there is no such order; without one there may or may not be.
 */
import { NONE } from '../linear/register-part.ts';
import type { Budget } from '../verdict/verdict.ts';
import { causalOrderOf, WritesByChain, type CausalOrder } from './causal-order.ts';
import { INITIAL, isObserver, type ClientHistory } from './client-history.ts';
import { GrowingOrder, type Growth } from './growing-order.ts';
import { orderOrCycle, ReasonedEdges, type Edges } from './graph.ts';

/** The edges of the order, a cycle in it, or neither within the budget. */
export type Saturation =
  | { readonly kind: 'order'; readonly edges: Edges; readonly steps: number }
  | {
      readonly kind: 'cycle';
      readonly cycle: readonly number[];
      readonly because?: readonly number[];
      readonly steps: number;
    }
  | { readonly kind: 'gave-up'; readonly reason: string; readonly steps: number };

/** Saturates the constraints of a history. */
export function saturate(history: ClientHistory, budget: Budget): Saturation {
  const result = causalOrderOf(history, budget);
  return result.kind === 'order' ? new Saturating(history, result.causal, budget, result.steps).run() : result;
}

const EVERYTHING: Growth = { matters: () => true, grew: () => undefined };

class Saturating {
  readonly #history: ClientHistory;
  readonly #writes: WritesByChain;
  readonly #order: GrowingOrder;
  readonly #edges = new ReasonedEdges();
  #isCyclic = false;
  #isComplete = false;

  constructor(history: ClientHistory, causal: CausalOrder, budget: Budget, steps: number) {
    this.#history = history;
    this.#writes = new WritesByChain(history, causal);
    this.#order = new GrowingOrder(causal, budget.maxSteps);
    this.#order.steps = steps;
    this.#edges.addAll(causal.edges);
  }

  run(): Saturation {
    const observers = this.#observers();
    while (!this.#isComplete && !this.#isCyclic && !this.#order.isExhausted) {
      this.#isComplete = true;
      for (const observer of observers) {
        if (this.#isCyclic || this.#order.isExhausted) break;
        this.#writesBefore(observer);
        this.#writesAfter(observer);
      }
    }
    const { steps } = this.#order;
    if (this.#isCyclic) {
      const sorted = orderOrCycle(this.#edges.successors(this.#history.count));
      if ('order' in sorted) throw new Error('an order has a cycle and none');
      return { kind: 'cycle', cycle: sorted.cycle, because: this.#edges.reasons(sorted.cycle), steps };
    }
    if (!this.#isComplete) return { kind: 'gave-up', reason: 'the budget of steps is used up', steps };
    return { kind: 'order', edges: this.#edges, steps };
  }

  #observers(): readonly number[] {
    const observers: number[] = [];
    for (let i = 0; i < this.#history.count; i++) {
      if (isObserver(this.#history, i) && this.#history.source[i]! >= INITIAL) observers.push(i);
    }
    return observers;
  }

  /** Other writes that are before an observer are before the write that it saw. */
  #writesBefore(observer: number): void {
    const writer = this.#history.source[observer]!;
    // Nothing is before the initial value; `writesAfter` puts its observers before every write.
    if (writer === INITIAL) return;
    const end = this.#writes.first(this.#history.part[observer]! + 1);
    for (let group = this.#writes.first(this.#history.part[observer]!); group < end && !this.#isCyclic; group++) {
      this.#order.steps++;
      const other = this.#writes.lastBefore(group, this.#order.reach(observer, this.#writes.chain(group)));
      if (other === NONE || other === writer) continue;
      this.#put(other, writer, observer);
    }
  }

  /** An observer is before the other writes that are after the write that it saw. */
  #writesAfter(observer: number): void {
    const writer = this.#history.source[observer]!;
    const end = this.#writes.first(this.#history.part[observer]! + 1);
    for (let group = this.#writes.first(this.#history.part[observer]!); group < end && !this.#isCyclic; group++) {
      this.#order.steps++;
      const other = this.#writes.firstFor(
        group,
        (write) => write !== writer && (writer === INITIAL || this.#order.isUpTo(writer, write)),
      );
      if (other !== NONE && other !== observer) this.#put(observer, other, writer);
    }
  }

  #put(before: number, after: number, because: number): void {
    if (this.#order.isUpTo(before, after)) return;
    this.#isComplete = false;
    this.#edges.addBecause(before, after, because);
    if (this.#order.isUpTo(after, before)) this.#isCyclic = true;
    else this.#order.put(before, after, EVERYTHING);
  }
}
