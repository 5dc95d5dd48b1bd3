/** The sentences that show why a weaker promise is broken, in the words of `explain/sentence.ts`. */
import { client, from, instant, key, show, span, type Telling } from '../explain/sentence.ts';
import type { Json, Operation } from '../history/operation.ts';
import { operationAt, type Table } from '../history/table.ts';
import { NONE } from '../linear/register-part.ts';
import type { RegisterAction } from '../model/model.ts';
import { INITIAL, type ClientHistory } from './client-history.ts';
import type { Finding } from './finding.ts';
import type { SessionBreach, SessionGuarantee } from './session-guarantees.ts';
import { NO_RANK, type VersionOrder } from './version-order.ts';

const CYCLE_SHOWN_MAX = 6;

/** Tells of operations by number. */
export class Teller {
  readonly #history: ClientHistory;
  readonly #table: Table;
  readonly #manner: Omit<Telling, 'part'>;
  readonly #describe: (operation: Operation) => string;
  readonly #action: (operation: Operation) => RegisterAction | undefined;
  /** What a register holds before anything was written to it. */
  readonly #initial: Json;

  constructor(
    history: ClientHistory,
    table: Table,
    options: {
      readonly clients: number | undefined;
      readonly untimed: boolean;
      readonly describe: (operation: Operation) => string;
      readonly action: (operation: Operation) => RegisterAction | undefined;
      readonly initial: Json;
    },
  ) {
    this.#history = history;
    this.#table = table;
    this.#manner = { clients: options.clients, untimed: options.untimed };
    this.#describe = options.describe;
    this.#action = options.action;
    this.#initial = options.initial;
  }

  /** The recorded index of an operation. */
  id(operation: number): number {
    return this.#table.id[this.#history.row[operation]!]!;
  }

  session(guarantee: SessionGuarantee, breach: SessionBreach, order: VersionOrder): string {
    const { first, second, newer, older } = breach;
    const x = key(this.#telling(second));
    const [newerValue, olderValue] = [show(this.#written(newer, first)), show(this.#written(older, second))];
    const isRead = guarantee === 'read-your-writes' || guarantee === 'monotonic-reads';
    const hadWritten = guarantee === 'read-your-writes' || guarantee === 'monotonic-writes';
    const before = this.#operation(first);
    const sinceNs =
      this.#operation(second).callNs - (before.outcome.kind === 'ok' ? before.outcome.returnNs : before.callNs);
    const did = isRead ? this.#saw(second, olderValue) : this.#wrote(second, olderValue);
    const had = `it had ${hadWritten ? 'itself written' : 'already read'} ${x} = ${newerValue} ${span(this.#manner, sinceNs)} before`;
    return `${did}, although ${had}, and ${this.#isOlder({ older, newer, olderValue, newerValue }, order)}.`;
  }

  finding({ pattern, operations, because }: Extract<Finding, { kind: 'violated' }>): string {
    const [a, b, c] = operations as readonly [number, number, number];
    switch (pattern) {
      case 'ThinAirRead':
        return `${this.#saw(a, this.#seen(a))}, although ${this.#seen(a)} was never written to ${key(this.#telling(a))}.`;
      case 'WriteCOInitRead':
        return `${this.#saw(b, this.#seen(b))}, the value from the beginning, although it could know of ${this.#value(a)}.`;
      case 'WriteCORead':
        return `${this.#saw(c, this.#seen(c))}, although it could know of ${this.#value(b)}, which was written in the knowledge of ${this.#seen(c)}.`;
      case 'WriteHBInitRead':
        return `${this.#saw(b, this.#seen(b))}, the value from the beginning, although by its earlier reads ${this.#value(a)} was written before.`;
      case 'CyclicHB':
        return `${this.#saw(c, this.#seen(c))}, although by what it could know ${this.#value(b)} had overwritten it: no order of the writes suits all its reads.`;
      case 'CyclicCO':
      case 'CyclicCF':
      case 'CyclicOrder':
        return `No order has all this in it: ${this.#cycle(operations, because)}.`;
      case 'NoOrder':
        return operations.length === 0
          ? 'Every order of the writes was tried, and none suits all reads.'
          : `Every order of the writes was tried, and none suits all reads; in the longest ${this.#told(a)} was the first that fits nowhere.`;
    }
  }

  /** `A before B (because of R); B before A`. */
  #cycle(operations: readonly number[], because: readonly number[] | undefined): string {
    const shown = operations.length > CYCLE_SHOWN_MAX ? operations.slice(0, CYCLE_SHOWN_MAX - 1) : operations;
    const steps = shown.map((operation, i) => {
      const next = operations[(i + 1) % operations.length]!;
      const reason = because?.[i] ?? NONE;
      const why = reason < 0 ? '' : ` (because of ${this.#told(reason)})`;
      return `${this.#told(operation)} before ${this.#told(next)}${why}`;
    });
    const left = operations.length - shown.length;
    return [...steps, ...(left === 0 ? [] : [`and so on over ${left} more back to the first`])].join('; ');
  }

  #isOlder(
    { older, newer, olderValue, newerValue }: { older: number; newer: number; olderValue: string; newerValue: string },
    { kindOf, rank }: VersionOrder,
  ): string {
    if (older === INITIAL) return `${olderValue} is the value from the beginning`;
    if (rank[older] === NO_RANK || rank[newer] === NO_RANK)
      return `${olderValue} had been in effect before ${newerValue} was written`;
    return kindOf[this.#history.part[older]!] === 'cas-chain'
      ? `${olderValue} is before ${newerValue} in the chain of compare-and-sets`
      : `${olderValue} was written at log index ${rank[older]}, ${newerValue} at ${rank[newer]}`;
  }

  /** `Client 3 read x = 4 from n2 at 12.402 s`, or what its compare-and-set saw. */
  #saw(observer: number, value: string): string {
    const operation = this.#operation(observer);
    const telling = this.#telling(observer);
    const time = `at ${instant(this.#manner, operation.callNs)}`;
    return this.#history.leaves[observer] === NONE
      ? `${client(telling, operation)} read ${key(telling)} = ${value}${from(operation)} ${time}`
      : `${client(telling, operation)}'s compare-and-set saw ${key(telling)} = ${value}${from(operation)} ${time}`;
  }

  #wrote(write: number, value: string): string {
    const operation = this.#operation(write);
    const telling = this.#telling(write);
    return `${client(telling, operation)} wrote ${key(telling)} = ${value} at ${instant(this.#manner, operation.callNs)}`;
  }

  /** `x = 5 (client 2 at 12.402 s)`. */
  #value(write: number): string {
    const operation = this.#operation(write);
    const telling = this.#telling(write);
    const who = client(telling, operation).toLowerCase();
    return `${key(telling)} = ${show(this.#written(write, write))} (${who} at ${instant(this.#manner, operation.callNs)})`;
  }

  #told(operation: number): string {
    const it = this.#operation(operation);
    return `${client(this.#telling(operation), it).toLowerCase()}'s ${this.#describe(it)} at ${instant(this.#manner, it.callNs)}`;
  }

  #seen(observer: number): string {
    return show(this.#written(this.#history.source[observer]!, observer));
  }

  /** The value of a write; without one, what its observer saw. */
  #written(write: number, observer: number): Json {
    if (write === INITIAL) return this.#initial;
    const action = this.#action(this.#operation(write >= 0 ? write : observer));
    if (action?.kind === 'cas') return write >= 0 ? action.to : action.from;
    return action?.kind === 'write' || action?.kind === 'read' ? action.value : null;
  }

  #operation(operation: number): Operation {
    return operationAt(this.#table, this.#history.row[operation]!);
  }

  #telling(operation: number): Telling {
    return { part: this.#history.parts[this.#history.part[operation]!]!, ...this.#manner };
  }
}
