/**
 * Where a violating part breaks, and the fewest operations that show it. All operations on some values, with some of the answers
 * that only show something, are a history that the collection must have been able to answer too (monitor.ts), and so is
 * what was called by the return of the operation at which that one breaks.
 */
import { NEVER } from '../history/table.ts';
import { EMPTY, HAS, INSERT, LACKS, NONE, PUT, TAKE, TAKE_UNSEEN, type CollectionPart } from './collection-part.ts';
import type { CollectionFault, CollectionViolation, Monitored } from './monitored.ts';
import { monitor } from './monitor.ts';
import { prefixOf, projected } from './projection.ts';

/** The fewest operations. */
export interface Evidence {
  readonly class: CollectionFault;
  /** In order of call. They have no order, whether the optional ones have taken effect or not. */
  readonly members: readonly number[];
  /**
   * Members of which no more than this is needed: they may have taken effect, answered as they were, or not at all. None where the
   * members are told as they were recorded. They return after the culprit.
   */
  readonly optional: ReadonlySet<number>;
  /** Those without which the rest still has no order, which proves nothing then: who put in what is taken here, for one. */
  readonly pinned: ReadonlySet<number>;
  /** The member at whose return the members break. */
  readonly culprit: number;
}

/** Where a part breaks. */
export interface CollectionBreak {
  readonly evidence: Evidence;
  /** What the monitor says of the history up to just before the culprit's return. */
  readonly before: Monitored | undefined;
}

/** How often a new culprit is believed to be the first before the first is searched for. */
const JUMPS = 3;

/**
 * The first return that no order of what came before can pass. Where the monitor leaves prefixes undecided (takes of unknown
 * answers, values put in twice) it may be a later one than the first.
 */
export function breakOf(part: CollectionPart, violation: CollectionViolation): CollectionBreak {
  let evidence = evidenceOf(part, violation, part.end);
  let low = -1;
  for (let round = 0; ; round++) {
    const high = part.ret[evidence.culprit]!;
    const until = round < JUMPS ? high - 1 : low + ((high - low) >> 1);
    const before = monitor(prefixOf(part, until));
    if (before?.kind !== 'violation') {
      if (until === high - 1) return { evidence, before };
      low = until;
      continue;
    }
    evidence = evidenceOf(part, before, until);
    const earlier = part.ret[evidence.culprit]!;
    if (earlier > until) throw new Error('a later operation breaks an earlier part of a history');
    // What was left undecided at low is still before it.
    low = Math.min(low, earlier - 1);
  }
}

/** The fewest operations that show this violation of what was known up to an event, and not the fewest there are. */
function evidenceOf(part: CollectionPart, violation: CollectionViolation, until: number): Evidence {
  return new Gathering(part, violation, until).run();
}

class Gathering {
  readonly #part: CollectionPart;
  readonly #violation: CollectionViolation;
  /** What is called later would take no part, and can make a value ambiguous. */
  readonly #until: number;
  /** One take of an unknown answer, in whose presence what nobody was seen to take proves nothing. */
  readonly #doubt: readonly number[];

  constructor(part: CollectionPart, violation: CollectionViolation, until: number) {
    this.#part = part;
    this.#violation = violation;
    this.#until = until;
    const first = part.kind.findIndex((kind, i) => kind === TAKE_UNSEEN && part.call[i]! <= until);
    this.#doubt = violation.needsTakes && first >= 0 ? [first] : [];
  }

  run(): Evidence {
    const all = this.#onValues();
    const culprit = this.#culpritOf(all);
    const before = all.filter((i) => this.#part.call[i]! < this.#part.ret[culprit]!);
    const members = this.#ofOneTake(before, culprit) ?? this.#shrink(before, culprit);
    const isNeeded = this.#standing(members.filter((i) => i !== culprit))?.kind === 'ok';
    const optional = isNeeded ? [] : members.filter((i) => this.#part.ret[i]! > this.#part.ret[culprit]!);
    const pinned = members.filter(
      (i) =>
        optional.includes(i) ||
        this.#standing(
          members.filter((other) => other !== i),
          optional,
        )?.kind !== 'ok',
    );
    const fault = this.#faultOf(members, optional);
    return {
      class: fault === 'never-put' && this.#isPutLater(culprit) ? 'future' : fault,
      members,
      optional: new Set(optional),
      pinned: new Set(pinned),
      culprit,
    };
  }

  /**
   * Where a value is wrong all by itself: who saw it although nobody had put it in by then, or who took it together with who put
   * it in and took it before. Other operations on it can be left out, since none of them puts it in.
   */
  #ofOneTake(operations: readonly number[], culprit: number): readonly number[] | undefined {
    const { kind, value, ret } = this.#part;
    const own = operations.filter((i) => value[i] === value[culprit] && value[i] !== NONE);
    const puts = own.filter((i) => kind[i] === PUT || kind[i] === INSERT);
    if (puts.length === 0 && this.#faultOf([culprit]) === 'never-put') return [culprit];
    const takes = own.filter((i) => kind[i] === TAKE && ret[i]! <= ret[culprit]!);
    const isTwice = this.#part.order !== 'set' && kind[culprit] === TAKE && puts.length === 1 && takes.length > 1;
    if (!isTwice) return undefined;
    const taken = [puts[0]!, takes.find((i) => i !== culprit)!, culprit];
    return taken.sort((a, b) => this.#part.call[a]! - this.#part.call[b]!);
  }

  #faultOf(members: readonly number[], optional: readonly number[] = []): CollectionFault {
    const told = this.#standing(members, optional);
    return told?.kind === 'violation' ? told.class : this.#violation.class;
  }

  #isPutLater(take: number): boolean {
    const { kind, value, call, ret } = this.#part;
    return kind.some((it, i) => (it === PUT || it === INSERT) && value[i] === value[take] && call[i]! > ret[take]!);
  }

  #onValues(): readonly number[] {
    const { count, value, call } = this.#part;
    const values = new Set(this.#violation.values);
    const empties = new Set(this.#violation.empties);
    const operations: number[] = [];
    for (let i = 0; i < count; i++) {
      if (call[i]! > this.#until) break;
      if (value[i] === NONE ? empties.has(i) : values.has(value[i]!)) operations.push(i);
    }
    return operations;
  }

  /** Without whole values, and without single answers that only show something, as long as the culprit still cannot return. */
  #shrink(operations: readonly number[], culprit: number): readonly number[] {
    let left = operations;
    for (const isAside of this.#units(operations)) {
      const rest = left.filter((i) => !isAside(i));
      if (rest.length < left.length && this.#breaks(rest, culprit)) left = rest;
    }
    return left;
  }

  #breaks(operations: readonly number[], culprit: number): boolean {
    const all = this.#withDoubt(operations);
    const part = projected(this.#part, all);
    const at = all.indexOf(culprit);
    return at >= 0 && this.#isViolation(prefixOf(part, part.ret[at]!));
  }

  #units(operations: readonly number[]): readonly ((i: number) => boolean)[] {
    const { kind, value } = this.#part;
    const values = new Set(operations.map((i) => value[i]!).filter((v) => v !== NONE));
    const shows = operations.filter((i) => kind[i] === EMPTY || kind[i] === HAS || kind[i] === LACKS);
    return [
      ...[...values].map(
        (v) =>
          (i: number): boolean =>
            value[i] === v,
      ),
      ...shows.map(
        (show) =>
          (i: number): boolean =>
            i === show,
      ),
    ];
  }

  /** The operation with the first return by which these have no order. */
  #culpritOf(operations: readonly number[]): number {
    const all = this.#withDoubt(operations);
    const part = projected(this.#part, all);
    let low = 0;
    for (let high = part.end - 1; low < high;) {
      const middle = (low + high) >> 1;
      if (this.#isViolation(prefixOf(part, middle))) high = middle;
      else low = middle + 1;
    }
    const culprit = part.ret.indexOf(low);
    if (culprit < 0) throw new Error('the operations of a violation have an order');
    return all[culprit]!;
  }

  #isViolation(part: CollectionPart): boolean {
    return monitor(part)?.kind === 'violation';
  }

  /** What the monitor says of these alone. */
  #standing(operations: readonly number[], optional: readonly number[] = []): Monitored | undefined {
    const part = projected(this.#part, operations);
    const ret = part.ret.map((at, i) => (optional.includes(operations[i]!) ? NEVER : at));
    return monitor({ ...part, ret });
  }

  #withDoubt(operations: readonly number[]): readonly number[] {
    return [...operations, ...this.#doubt].sort((a, b) => this.#part.call[a]! - this.#part.call[b]!);
  }
}
