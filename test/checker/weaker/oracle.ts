/**
 * The weaker promises by their definitions, in code so plain that it can be read and believed; nothing is shared with the
 * checker. Values are written once each. Crashed writes count if somebody saw their value; otherwise they never happened.
 */
import type { History, Json, Operation } from '../../../checker/index.ts';

/** A read or a write of one register; a successful compare-and-set is both, one after the other. */
interface Action {
  readonly operation: Operation;
  readonly kind: 'read' | 'write' | 'mismatch';
  readonly key: string;
  readonly value: Json;
}

/** a is before b in the program of their client. */
function isProgramOrder({ clients }: History, a: Operation, b: Operation): boolean {
  return a.process % clients! === b.process % clients! && a.outcome.kind === 'ok' && a.outcome.returnNs < b.callNs;
}

function written({ input, outcome }: Operation): Json | undefined {
  if (input.f === 'write') return input.value;
  return input.f === 'cas' && (outcome.kind !== 'ok' || outcome.output === true)
    ? (input.value as Json[])[1]
    : undefined;
}

function seen({ input, outcome }: Operation): Json | undefined {
  if (input.f === 'read') return outcome.kind === 'ok' ? outcome.output : undefined;
  return input.f === 'cas' && (outcome.kind !== 'ok' || outcome.output === true)
    ? (input.value as Json[])[0]
    : undefined;
}

/** Without crashed reads, and without crashed writes whose value nobody saw. */
function effective({ operations }: History): readonly Operation[] {
  let kept: readonly Operation[] = operations.filter(
    ({ input, outcome }) => outcome.kind === 'ok' || input.f !== 'read',
  );
  for (;;) {
    const next = kept.filter(
      (one) =>
        one.outcome.kind === 'ok' ||
        kept.some((other) => other.input.key === one.input.key && other !== one && seen(other) === written(one)),
    );
    if (next.length === kept.length) return kept;
    kept = next;
  }
}

/** Tries every order of all operations, a set of operations and the values then only once. For up to about 14. */
export function isSequential(history: History): boolean {
  const operations = history.operations.filter(({ input, outcome }) => outcome.kind === 'ok' || input.f !== 'read');
  const failed = new Set<string>();
  const extend = (taken: ReadonlySet<Operation>, state: Readonly<Record<string, Json>>): boolean => {
    const left = operations.filter((operation) => !taken.has(operation));
    if (left.every(({ outcome }) => outcome.kind === 'unknown')) return true;
    const name = `${left.map(({ id }) => id).join()} ${JSON.stringify(['x', 'y', 'z'].map((key) => state[key]))}`;
    if (failed.has(name)) return false;
    const found = left.some((next) => {
      if (left.some((other) => isProgramOrder(history, other, next))) return false;
      const key = next.input.key!;
      const value = state[key] ?? null;
      const isMismatch = next.input.f === 'cas' && next.outcome.kind === 'ok' && next.outcome.output === false;
      if (isMismatch && value === (next.input.value as Json[])[0]) return false;
      if (seen(next) !== undefined && seen(next) !== value) return false;
      return extend(new Set([...taken, next]), { ...state, [key]: written(next) ?? value });
    });
    if (!found) failed.add(name);
    return found;
  };
  return extend(new Set(), {});
}

/** True if each register alone is sequentially consistent. */
export function isCoherent(history: History): boolean {
  const keys = [...new Set(history.operations.map(({ input }) => input.key))];
  return keys.every((key) =>
    isSequential({ ...history, operations: history.operations.filter(({ input }) => input.key === key) }),
  );
}

/** The three causal definitions (Bouajjani et al. 2017, sections 3.1 to 3.3), by trying every causal order. For up to 6 actions. */
export function causal(history: History): { readonly cc: boolean; readonly ccv: boolean; readonly cm: boolean } {
  const actions = actionsOf(history);
  const n = actions.length;
  const program = actions.map((a, i) =>
    actions.map((b, j) => (a.operation === b.operation ? i < j : isProgramOrder(history, a.operation, b.operation))),
  );
  const found = { cc: false, ccv: false, cm: false };
  const everyIs = (isExplained: (i: number, before: readonly (readonly boolean[])[]) => boolean, before: boolean[][]) =>
    actions.every((_action, i) => isExplained(i, before));
  forEachOrder(program, (before) => {
    const past = (i: number): number[] => range(n).filter((j) => j === i || before[j]![i]!);
    found.cc ||= everyIs(
      (i) => linearExtensions(past(i), before).some((order) => isRight(actions, order, new Set([i]))),
      before,
    );
    found.cm ||= everyIs((i) => {
      const own = new Set(range(n).filter((j) => j === i || program[j]![i]!));
      return linearExtensions(past(i), before).some((order) => isRight(actions, order, own));
    }, before);
    found.ccv ||= linearExtensions(range(n), before).some((arbitration) =>
      actions.every((_action, i) => {
        const its = new Set(past(i));
        return isRight(
          actions,
          arbitration.filter((j) => its.has(j)),
          new Set([i]),
        );
      }),
    );
    return found.cc && found.cm && found.ccv;
  });
  return found;
}

/** (program order ∪ reads-from)+ as a matrix over actions: the least causal order. May be cyclic. */
function leastCausalOrder(history: History, actions: readonly Action[]): boolean[][] {
  const isFrom = (a: Action, b: Action): boolean =>
    a.kind === 'write' && b.kind === 'read' && a.key === b.key && a.value === b.value;
  return closed(
    actions.map((a, i) =>
      actions.map(
        (b, j) =>
          (a.operation === b.operation ? i < j : isProgramOrder(history, a.operation, b.operation)) || isFrom(a, b),
      ),
    ),
  );
}

/** The transitive closure (Warshall), in place. */
function closed(before: boolean[][]): boolean[][] {
  for (const k of before.keys())
    for (const row of before) if (row[k]!) for (const j of row.keys()) row[j] ||= before[k]![j]!;
  return before;
}

/**
 * Causal memory on more actions than `causal` can order: with the least causal order, because a larger one only asks for more,
 * and for each operation a search for its order that visits each set of actions once per values.
 */
export function isCausalMemory(history: History): boolean {
  const actions = actionsOf(history);
  const before = leastCausalOrder(history, actions);
  if (before.some((row, i) => row[i]!)) return false;
  return actions.every((own, i) => {
    const its = range(actions.length).filter((j) => j === i || before[j]![i]!);
    const isJudged = (j: number): boolean =>
      j === i ||
      actions[j]!.operation === own.operation ||
      isProgramOrder(history, actions[j]!.operation, own.operation);
    return hasOrderOf(actions, { its, before, isJudged });
  });
}

function hasOrderOf(
  actions: readonly Action[],
  given: { its: readonly number[]; before: readonly (readonly boolean[])[]; isJudged: (j: number) => boolean },
): boolean {
  const { its, before, isJudged } = given;
  const failed = new Set<string>();
  const extend = (left: readonly number[], state: Readonly<Record<string, Json>>): boolean => {
    if (left.length === 0) return true;
    const name = `${left.join()} ${JSON.stringify(['x', 'y', 'z'].map((key) => state[key]))}`;
    if (failed.has(name)) return false;
    const found = left.some((next) => {
      if (left.some((other) => before[other]![next]!)) return false;
      const { kind, key, value } = actions[next]!;
      if (kind === 'read' && isJudged(next) && (state[key] ?? null) !== value) return false;
      return extend(
        left.filter((other) => other !== next),
        kind === 'write' ? { ...state, [key]: value } : state,
      );
    });
    if (!found) failed.add(name);
    return found;
  };
  return extend(its, {});
}

/** True if what must be in every total order is cyclic, closed again and again until nothing new follows. Reads and writes only. */
export function mustBeCyclic(history: History): boolean {
  const actions = actionsOf(history);
  const before = leastCausalOrder(history, actions);
  for (let changed = true; changed;) {
    changed = false;
    const put = (a: number, b: number): void => {
      changed ||= !before[a]![b]!;
      before[a]![b] = true;
    };
    for (const [r, read] of actions.entries()) {
      if (read.kind !== 'read') continue;
      const writer = actions.findIndex(
        ({ kind, key, value }) => kind === 'write' && key === read.key && value === read.value,
      );
      for (const [o, other] of actions.entries()) {
        if (other.kind !== 'write' || other.key !== read.key || o === writer) continue;
        if (writer === -1 || before[writer]![o]!) put(r, o);
        if (writer !== -1 && before[o]![r]!) put(o, writer);
      }
    }
    closed(before);
  }
  return before.some((row, i) => row[i]!);
}

/** How many actions the causal oracle would have to order. */
export function actionCount(history: History): number {
  return actionsOf(history).length;
}

function actionsOf(history: History): readonly Action[] {
  return effective(history).flatMap((operation): Action[] => {
    const key = operation.input.key!;
    const saw = seen(operation);
    const wrote = written(operation);
    return [
      ...(saw === undefined ? [] : [{ operation, kind: 'read', key, value: saw } as const]),
      ...(wrote === undefined ? [] : [{ operation, kind: 'write', key, value: wrote } as const]),
    ];
  });
}

/** True if the answers of these actions are right when all the actions go in this order. */
function isRight(actions: readonly Action[], order: readonly number[], judged: ReadonlySet<number>): boolean {
  const state = new Map<string, Json>();
  return order.every((i) => {
    const { kind, key, value } = actions[i]!;
    if (kind === 'write') state.set(key, value);
    return kind !== 'read' || !judged.has(i) || (state.get(key) ?? null) === value;
  });
}

/** Every strict partial order that has this one in it, until `visit` says that it is enough. */
function forEachOrder(base: readonly (readonly boolean[])[], visit: (before: boolean[][]) => boolean): void {
  const n = base.length;
  const pairs = range(n).flatMap((i) => range(i).map((j) => [i, j] as const));
  const before = range(n).map(() => range(n).map(() => false));
  /** Among the actions up to this one. */
  const isTransitive = (last: number): boolean => {
    const some = range(last + 1);
    return some.every((i) =>
      some.every((j) => !before[i]![j]! || some.every((k) => !before[j]![k]! || before[i]![k]!)),
    );
  };
  const choose = (at: number): boolean => {
    if (at === pairs.length) return visit(before);
    const [i, j] = pairs[at]!;
    for (const [forth, back] of [
      [false, false],
      [true, false],
      [false, true],
    ] as const) {
      if ((base[i]![j]! && !forth) || (base[j]![i]! && !back)) continue;
      before[i]![j] = forth;
      before[j]![i] = back;
      if ((j < i - 1 || isTransitive(i)) && choose(at + 1)) return true;
    }
    before[i]![j] = false;
    before[j]![i] = false;
    return false;
  };
  choose(0);
}

function linearExtensions(
  of: readonly number[],
  before: readonly (readonly boolean[])[],
): readonly (readonly number[])[] {
  if (of.length === 0) return [[]];
  return of
    .filter((i) => of.every((j) => !before[j]![i]!))
    .flatMap((first) =>
      linearExtensions(
        of.filter((i) => i !== first),
        before,
      ).map((rest) => [first, ...rest]),
    );
}

/** How many operations break each session guarantee, pair by pair, where `isOlder(a, b)` says which values are certainly older. */
export function sessionBreaches(
  history: History,
  isOlder: (key: string, older: Json, newer: Json) => boolean,
): Readonly<Record<string, number>> {
  const operations = effective(history);
  const count = (
    first: (operation: Operation) => Json | undefined,
    second: (operation: Operation) => Json | undefined,
  ): number =>
    operations.filter((b) =>
      operations.some((a) => {
        if (a.input.key !== b.input.key || !isProgramOrder(history, a, b)) return false;
        const [newer, older] = [first(a), second(b)];
        return newer !== undefined && older !== undefined && newer !== older && isOlder(a.input.key!, older, newer);
      }),
    ).length;
  return {
    'read-your-writes': count(written, seen),
    'monotonic-reads': count(seen, seen),
    'monotonic-writes': count(written, written),
    'writes-follow-reads': count(seen, written),
  };
}

/** The real-time order of values: in effect (written or seen) before the write of the other one was invoked. */
export function realTimeOrder(history: History): (key: string, older: Json, newer: Json) => boolean {
  const operations = effective(history);
  return (key, older, newer) => {
    if (newer === null) return false;
    if (older === null) return true;
    const its = operations.filter(({ input }) => input.key === key);
    const oldWrite = its.find((operation) => written(operation) === older)!;
    const newWrite = its.find((operation) => written(operation) === newer)!;
    const returns = its
      .filter((operation) => written(operation) === older || seen(operation) === older)
      .map(({ outcome }) => (outcome.kind === 'ok' ? outcome.returnNs : Infinity))
      // Nothing comes into effect before it was invoked.
      .filter((returnNs) => returnNs >= oldWrite.callNs);
    return Math.min(...returns) < newWrite.callNs;
  };
}

/** The chain of compare-and-sets from null on as a list of values, or undefined where the writes of the key are none. */
export function casChain(history: History, key: string): readonly Json[] | undefined {
  const writes = effective(history).filter(
    (operation) => operation.input.key === key && written(operation) !== undefined,
  );
  if (writes.length === 0 || writes.some(({ input }) => input.f !== 'cas')) return undefined;
  const chain: Json[] = [null];
  for (;;) {
    const next = writes.filter((operation) => seen(operation) === chain.at(-1));
    if (next.length !== 1) break;
    chain.push(written(next[0]!)!);
  }
  return chain.length === writes.length + 1 ? chain : undefined;
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_none, i) => i);
}
