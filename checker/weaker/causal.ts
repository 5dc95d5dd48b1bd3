/**
 * Causal consistency of a history in which every value has one writer, by the bad patterns of Bouajjani, Enea, Guerraoui and
 * Hamza ("On verifying causal consistency", POPL 2017); a history has none of those of a definition if and only if it keeps it.
 *
 * - CC (causal consistency): some causal order explains each answer by itself. Patterns: CyclicCO, ThinAirRead,
 *   WriteCOInitRead, WriteCORead.
 * - CCv (causal convergence): all clients agree on one order of all writes besides. Also CyclicCF.
 * - CM (causal memory): each client sees the writes in one order of its own. Also WriteHBInitRead, CyclicHB (causal-memory.ts).
 *
 * A successful compare-and-set counts as a read, then a write. Answered mismatches show no value: they can only be checked
 * against the order that was found, and where that one does not explain them nothing is decided.
 */
import { INITIAL as INITIAL_VALUE, NONE } from '../linear/register-part.ts';
import type { Budget } from '../verdict/verdict.ts';
import { causalOrderOf, isUpTo, WritesByChain, type CausalOrder } from './causal-order.ts';
import { causalMemory } from './causal-memory.ts';
import { INITIAL, isMismatch, isObserver, SEVERAL, UNWRITTEN, type ClientHistory } from './client-history.ts';
import type { Finding } from './finding.ts';
import { orderOrCycle, ReasonedEdges } from './graph.ts';
import { joined, splitCas } from './split-cas.ts';

/** The three definitions. */
export interface CausalFindings {
  readonly cc: Finding;
  readonly ccv: Finding;
  readonly cm: Finding;
  readonly steps: number;
}

/** Holds a history against the three definitions, within this budget of steps and bytes. */
export function causalConsistency(whole: ClientHistory, budget: Budget): CausalFindings {
  const { history, was } = splitCas(whole);
  const { cc, ccv, cm, steps } = ofSplit(history, budget);
  return { cc: joined(cc, was), ccv: joined(ccv, was), cm: joined(cm, was), steps };
}

function ofSplit(history: ClientHistory, budget: Budget): CausalFindings {
  const thinAir = thinAirRead(history);
  if (thinAir !== NONE) return all({ kind: 'violated', pattern: 'ThinAirRead', operations: [thinAir] }, history.count);
  const result = causalOrderOf(history, budget);
  if (result.kind === 'cycle')
    return all({ kind: 'violated', pattern: 'CyclicCO', operations: result.cycle }, result.steps);
  if (result.kind === 'gave-up') return all({ kind: 'not-decided', reason: result.reason }, result.steps);
  return new Causal(history, result.causal, budget, result.steps).run();
}

function all(finding: Finding, steps: number): CausalFindings {
  return { cc: finding, ccv: finding, cm: finding, steps };
}

function thinAirRead(history: ClientHistory): number {
  for (let i = 0; i < history.count; i++) {
    if (isObserver(history, i) && history.source[i] === UNWRITTEN) return i;
  }
  return NONE;
}

class Causal {
  readonly #history: ClientHistory;
  readonly #causal: CausalOrder;
  readonly #budget: Budget;
  readonly #writes: WritesByChain;
  readonly #edges = new ReasonedEdges();
  #steps: number;

  constructor(history: ClientHistory, causal: CausalOrder, budget: Budget, steps: number) {
    this.#history = history;
    this.#causal = causal;
    this.#budget = budget;
    this.#writes = new WritesByChain(history, causal);
    this.#steps = steps;
  }

  run(): CausalFindings {
    const cc = this.#readsAgainstCausalOrder();
    if (cc.kind !== 'holds') return { cc, ccv: cc, cm: cc, steps: this.#steps };
    const ccv = this.#convergence();
    const memory = causalMemory(this.#history, this.#causal, this.#writes, this.#budget.maxSteps - this.#steps);
    const { count } = this.#history;
    let mismatches = 0;
    for (let i = 0; i < count; i++) if (isMismatch(this.#history, i)) mismatches++;
    return {
      cc: this.#explainsMismatches(undefined) ? this.#withoutDoubt(cc) : mismatchDoubt(mismatches),
      ccv: this.#withoutDoubt(ccv),
      cm: this.#withoutDoubt(
        memory.finding.kind === 'holds' && mismatches > 0 ? mismatchDoubt(mismatches) : memory.finding,
      ),
      steps: this.#steps + memory.steps,
    };
  }

  /** What holds for the reads whose source is known is not decided where there are others. */
  #withoutDoubt(finding: Finding): Finding {
    if (finding.kind !== 'holds') return finding;
    let several = 0;
    for (let i = 0; i < this.#history.count; i++) {
      if (isObserver(this.#history, i) && this.#history.source[i] === SEVERAL) several++;
    }
    if (several === 0) return finding;
    return { kind: 'not-decided', reason: `${several} reads are of values with several possible writers` };
  }

  /** WriteCOInitRead and WriteCORead, and on the way the conflict order of CyclicCF. */
  #readsAgainstCausalOrder(): Finding {
    const { count, source } = this.#history;
    for (let i = 0; i < count; i++) {
      if (!isObserver(this.#history, i) || source[i]! < INITIAL) continue;
      const overwriting = source[i] === INITIAL ? this.#writeBefore(i) : this.#overwriterBefore(i, source[i]!);
      if (overwriting === NONE) continue;
      return source[i] === INITIAL
        ? { kind: 'violated', pattern: 'WriteCOInitRead', operations: [overwriting, i] }
        : { kind: 'violated', pattern: 'WriteCORead', operations: [source[i]!, overwriting, i] };
    }
    if (this.#steps > this.#budget.maxSteps) return { kind: 'not-decided', reason: 'the budget of steps is used up' };
    return { kind: 'holds' };
  }

  #writeBefore(read: number): number {
    const part = this.#history.part[read]!;
    for (let group = this.#writes.first(part); group < this.#writes.first(part + 1); group++) {
      const write = this.#writes.lastBefore(group, this.#reach(read, this.#writes.chain(group)));
      if (write !== NONE) return write;
    }
    return NONE;
  }

  /** A write before this read and after the write that it saw; the other writes before it conflict with that write. */
  #overwriterBefore(read: number, writer: number): number {
    const part = this.#history.part[read]!;
    const end = this.#writes.first(part + 1);
    this.#steps += end - this.#writes.first(part);
    for (let group = this.#writes.first(part); group < end; group++) {
      const other = this.#writes.lastBefore(group, this.#reach(read, this.#writes.chain(group)));
      if (other === NONE || other === writer) continue;
      if (isUpTo(this.#causal, writer, other)) return other;
      if (!isUpTo(this.#causal, other, writer)) this.#edges.addBecause(other, writer, read);
    }
    return NONE;
  }

  /** How many operations of a chain are before this one, itself not counted. */
  #reach(operation: number, chain: number): number {
    const { clock, width, chainOf } = this.#causal;
    return clock[operation * width + chain]! - (chainOf[operation] === chain ? 1 : 0);
  }

  /** CyclicCF. */
  #convergence(): Finding {
    const edges = this.#edges;
    edges.addAll(this.#causal.edges);
    this.#steps += edges.length;
    const sorted = orderOrCycle(edges.successors(this.#history.count));
    if ('cycle' in sorted) {
      const { cycle } = sorted;
      return { kind: 'violated', pattern: 'CyclicCF', operations: cycle, because: edges.reasons(cycle) };
    }
    if (this.#explainsMismatches(sorted.order)) return { kind: 'holds' };
    return {
      kind: 'not-decided',
      reason: 'an answered mismatch is not explained by the order of writes that was found',
    };
  }

  /**
   * True if each answered mismatch is explained by the writes before it: the last of them in the order of writes, where there
   * is one, or any that is last in the causal order, wrote another value than the one that was not seen.
   */
  #explainsMismatches(order: Int32Array | undefined): boolean {
    const { count } = this.#history;
    const rank = new Int32Array(count);
    order?.forEach((operation, place) => (rank[operation] = place));
    for (let i = 0; i < count; i++) {
      if (isMismatch(this.#history, i) && !this.#isExplained(i, order === undefined ? undefined : rank)) return false;
    }
    return true;
  }

  #isExplained(mismatch: number, rank: Int32Array | undefined): boolean {
    const { part, needs, leaves, initialOf } = this.#history;
    const p = part[mismatch]!;
    const lasts: number[] = [];
    for (let group = this.#writes.first(p); group < this.#writes.first(p + 1); group++) {
      const write = this.#writes.lastBefore(group, this.#reach(mismatch, this.#writes.chain(group)));
      if (write !== NONE) lasts.push(write);
    }
    if (lasts.length === 0) return initialOf[p]! + INITIAL_VALUE !== needs[mismatch];
    if (rank !== undefined) {
      const last = lasts.reduce((a, b) => (rank[b]! > rank[a]! ? b : a));
      return leaves[last] !== needs[mismatch];
    }
    return lasts.some(
      (write) =>
        leaves[write] !== needs[mismatch] &&
        lasts.every((other) => other === write || !isUpTo(this.#causal, write, other)),
    );
  }
}

function mismatchDoubt(mismatches: number): Finding {
  return {
    kind: 'not-decided',
    reason: `nothing speaks against it but ${mismatches} answered mismatches, which show no value and were not explained`,
  };
}
