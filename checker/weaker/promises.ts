/**
 * What a history still promises, where it is not linearizable: sequential consistency, the causal promises, each register by
 * itself, and the session guarantees; each kept, broken with a proof, or not decided with the reason, and the strongest of those
 * that are kept. Sound both ways: what *holds* was replayed or follows from a theorem that its file names, what is *violated*
 * has a witness. A linearizable history keeps them all.
 *
 * Only histories of registers are judged. Everything but sequential consistency needs values with one writer each.
 */
import type { Call, History, Json, Operation } from '../history/operation.ts';
import { tableOf, type Table } from '../history/table.ts';
import { READ, WRITE } from '../linear/register-part.ts';
import { UNSEEN, type Model } from '../model/model.ts';
import type { Budget } from '../verdict/verdict.ts';
import { causalConsistency, type CausalFindings } from './causal.ts';
import { clientHistoryOf, type ClientHistory } from './client-history.ts';
import { coherence } from './coherence.ts';
import type { Finding } from './finding.ts';
import type { Guarantee, PromiseName, VersionOrderName } from './guarantee.ts';
import { faultInProgramOrder } from './replay.ts';
import { Teller } from './sentence.ts';
import { quickOrder, sequentialConsistency } from './sequential.ts';
import { sessionGuarantees, type SessionFindings, type SessionGuarantee } from './session-guarantees.ts';
import { strongestOf, type Strongest } from './strongest.ts';
import { versionOrderOf, type VersionOrder } from './version-order.ts';

/** What a history promises. */
export interface Promises {
  /** From the strongest down. */
  readonly guarantees: readonly Guarantee[];
  readonly strongest: Strongest;
}

/** What is known, and what may be spent. */
export interface PromiseOptions {
  /** The verdict of `check`, if it is known: what is linearizable keeps every promise. */
  readonly linearizable?: 'ok' | 'violation' | 'unknown';
  /** For each promise, in steps and bytes. */
  readonly budget?: Budget;
}

/** Decides what a history of 10,000 operations can decide; a longer one often too. */
export const PROMISE_BUDGET: Budget = { maxSteps: 50_000_000, maxBytes: 1 << 29 };

/**
 * Says which promises a history keeps.
 * @throws ModelError for an operation that is not the model's
 */
export function promises<S>(history: History, model: Model<S, Call, Json>, options: PromiseOptions = {}): Promises {
  const table = tableOf(history);
  const registers = clientHistoryOf(table, model, history.clients);
  const rest =
    options.linearizable === 'ok'
      ? NAMES.map((name) => holds(name, 'it follows from linearizability'))
      : registers === undefined
        ? NAMES.map((name) => notDecided(name, 'only histories of registers are held against it'))
        : new Judging({
            table,
            model,
            clients: history.clients,
            untimed: history.untimed === true,
            history: registers,
            ...options,
          }).run();
  const guarantees = [...linearizability(options.linearizable), ...rest];
  return { guarantees, strongest: strongestOf(guarantees) };
}

const NAMES: readonly PromiseName[] = [
  'sequential-consistency',
  'causal-memory',
  'causal-convergence',
  'causal-consistency',
  'coherence',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

function linearizability(verdict: PromiseOptions['linearizable']): readonly Guarantee[] {
  switch (verdict) {
    case 'ok':
      return [holds('linearizability', 'the check found an order')];
    case 'violation':
      return [{ name: 'linearizability', verdict: 'violated', reason: 'the check found that there is no order' }];
    case 'unknown':
      return [notDecided('linearizability', 'the check did not decide it')];
    case undefined:
      return [];
  }
}

function holds(name: PromiseName, reason: string): Guarantee {
  return { name, verdict: 'holds', reason };
}

function notDecided(name: PromiseName, reason: string): Guarantee {
  return { name, verdict: 'not-decided', reason };
}

interface Given<S> extends PromiseOptions {
  readonly table: Table;
  readonly model: Model<S, Call, Json>;
  readonly clients: number | undefined;
  readonly untimed: boolean;
  readonly history: ClientHistory;
}

class Judging<S> {
  readonly #given: Given<S>;
  readonly #history: ClientHistory;
  readonly #budget: Budget;
  readonly #teller: Teller;

  constructor(given: Given<S>) {
    const { table, model, clients, untimed, history } = given;
    this.#given = given;
    this.#history = history;
    this.#budget = given.budget ?? PROMISE_BUDGET;
    this.#teller = new Teller(history, table, {
      clients,
      untimed,
      initial: model.initial as Json,
      describe: ({ input, outcome }) => model.describe?.(input, outputOf(outcome)) ?? input.f,
      action: ({ input, outcome }) => model.asRegister?.(input, outputOf(outcome)),
    });
  }

  run(): readonly Guarantee[] {
    const quick = quickOrder(this.#history, this.#budget);
    if (quick.finding.kind === 'holds') {
      this.#replay(quick.order!, this.#everything());
      return this.#given.history.count === 0 ? this.#following('there are no operations') : this.#following(SEQUENTIAL);
    }
    const causal = causalConsistency(this.#history, this.#budget);
    const follows = causal.ccv.kind === 'holds' && this.#isPlain();
    const each: Finding = follows
      ? { kind: 'holds' }
      : coherence(this.#history, this.#budget, (order, rows) => this.#replay(order, rows));
    const broken = [causal.cc, causal.ccv, causal.cm, each].find(({ kind }) => kind === 'violated');
    const whole = broken === undefined ? sequentialConsistency(this.#history, this.#budget) : undefined;
    if (whole?.order !== undefined) {
      this.#replay(whole.order, this.#everything());
      return this.#following(SEQUENTIAL);
    }
    return [
      this.#guarantee('sequential-consistency', whole?.finding ?? broken!),
      ...this.#causal(causal),
      follows ? holds('coherence', 'it follows from causal convergence') : this.#guarantee('coherence', each),
      ...this.#sessions(causal.ccv.kind === 'holds' ? 'it follows from causal convergence' : undefined),
    ];
  }

  /**
   * True where there are only reads and writes. Then coherence follows from causal convergence: put the writes of a register in
   * their one order, and each read behind the write that it saw; what a client can know of only grows, so its reads and writes
   * of the register never go back. A compare-and-set must stand right behind what it expected, which does not follow.
   */
  #isPlain(): boolean {
    const { count, kind } = this.#history;
    for (let i = 0; i < count; i++) if (kind[i] !== READ && kind[i] !== WRITE) return false;
    return true;
  }

  /** Everything follows from sequential consistency, in the order of versions that was found for it. */
  #following(reason: string): readonly Guarantee[] {
    const found = 'an order of all operations was found and replayed';
    return [
      holds('sequential-consistency', reason === SEQUENTIAL ? found : reason),
      holds('causal-memory', reason),
      holds('causal-convergence', reason),
      holds('causal-consistency', reason),
      holds('coherence', reason),
      ...this.#sessions(reason),
    ];
  }

  #causal({ cc, ccv, cm }: CausalFindings): readonly Guarantee[] {
    return [
      this.#guarantee('causal-memory', cm),
      this.#guarantee('causal-convergence', ccv),
      this.#guarantee('causal-consistency', cm.kind === 'holds' || ccv.kind === 'holds' ? { kind: 'holds' } : cc),
    ];
  }

  #guarantee(name: PromiseName, finding: Finding): Guarantee {
    switch (finding.kind) {
      case 'holds':
        return holds(name, name === 'coherence' ? COHERENT : 'the history has none of its bad patterns');
      case 'not-decided':
        return notDecided(name, finding.reason);
      case 'violated':
        return {
          name,
          verdict: 'violated',
          reason: finding.pattern,
          witness: {
            operations: shownBy(finding).map((operation) => this.#teller.id(operation)),
            sentence: this.#teller.finding(finding),
          },
        };
    }
  }

  /** @param found why some order of the versions keeps them all, if one is known to */
  #sessions(found: string | undefined): readonly Guarantee[] {
    const order = versionOrderOf(this.#history, this.#given.table);
    const findings = sessionGuarantees(this.#history, order);
    const used = orderName(order);
    return SESSION_NAMES.map((name) => this.#session(name, { order, findings, used, found }));
  }

  #session(
    name: SessionGuarantee,
    given: {
      order: VersionOrder;
      findings: SessionFindings;
      used: VersionOrderName | undefined;
      found: string | undefined;
    },
  ): Guarantee {
    const { order, findings, used, found } = given;
    const { count, first } = findings.breaches[name];
    const versionOrder = used === undefined ? {} : { versionOrder: used };
    if (first !== undefined) {
      const { newer, older } = first;
      const shown = [first.first, newer, older, first.second].filter(
        (operation, i, all) => operation >= 0 && all.indexOf(operation) === i,
      );
      return {
        name,
        verdict: 'violated',
        ...versionOrder,
        reason:
          found === undefined
            ? `against ${ORDER_WORDS[used!]}`
            : `against ${ORDER_WORDS[used!]}; in another order of the writes it is kept: ${found}`,
        violations: count,
        witness: {
          operations: shown.map((operation) => this.#teller.id(operation)),
          sentence: this.#teller.session(name, first, order),
        },
      };
    }
    if (found !== undefined) return { ...holds(name, found), versionOrder: 'found' };
    const doubt = sessionDoubt(name, findings, order);
    if (doubt !== undefined) return { ...notDecided(name, doubt), ...versionOrder };
    return {
      ...holds(name, used === undefined ? 'nothing was written' : `nothing is certainly older in ${ORDER_WORDS[used]}`),
      ...versionOrder,
    };
  }

  #everything(): Int32Array {
    return this.#history.row;
  }

  /** An order that does not hold is a fault of this library; better no answer than a wrong one. */
  #replay(order: readonly number[], rows: Iterable<number>): void {
    const { table, model, clients } = this.#given;
    const fault = faultInProgramOrder(
      order.map((operation) => this.#history.row[operation]!),
      { table, rows, model, clients },
    );
    if (fault !== undefined) throw new Error(`an order was found that does not hold: ${fault}`);
  }
}

const SEQUENTIAL = 'it follows from sequential consistency';

const COHERENT = 'an order of the operations of each register was found and replayed';

const SESSION_NAMES: readonly SessionGuarantee[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

const ORDER_WORDS: Readonly<Record<VersionOrderName, string>> = {
  'cas-chain': 'the chain of compare-and-sets',
  'log-index': 'the order of the log',
  'real-time': 'the real-time order of the writes, as far as it is certain',
  several: 'the chain of compare-and-sets, the log or real time, according to the register',
  found: 'the order of writes that was found',
};

function outputOf(outcome: Operation['outcome']): Json | typeof UNSEEN {
  return outcome.kind === 'ok' ? outcome.output : UNSEEN;
}

/** The operations of a pattern, and after each the one because of which it is before the next. */
function shownBy({ operations, because }: Extract<Finding, { kind: 'violated' }>): readonly number[] {
  const shown = operations.flatMap((operation, i) => [operation, because?.[i] ?? -1]);
  return [...new Set(shown)].filter((operation) => operation >= 0);
}

/** The order that the registers with writes have in common. */
function orderName({ kindOf, written }: VersionOrder): VersionOrderName | undefined {
  const kinds = new Set(kindOf.filter((_kind, part) => written[part] === 1));
  if (kinds.size === 0) return undefined;
  return kinds.size === 1 ? [...kinds][0]! : 'several';
}

function sessionDoubt(
  name: SessionGuarantee,
  { several, unwritten }: SessionFindings,
  { kindOf, written }: VersionOrder,
): string | undefined {
  if (several > 0) return `${several} answers show values with several possible writers`;
  if (unwritten > 0) return `${unwritten} answers show values that were never written`;
  const isOnWrites = name === 'monotonic-writes' || name === 'writes-follow-reads';
  if (isOnWrites && kindOf.some((kind, part) => kind === 'real-time' && written[part] === 1))
    return 'no order of the writes is known but that of real time, in which it holds by itself';
  return undefined;
}
