/**
 * Transactions on several registers, as Knossos' multi-register and Jepsen's read-write tests write them:
 * `[[:read :x nil] [:w :y 2]]` becomes `[["read","x",null],["write","y",2]]`. Others (appends to lists, and whatever else
 * Elle checks) are refused by name: their reads are no reads of registers.
 */
import { EdnError, Keyword, type Edn } from './edn-elements.ts';
import { shown, toJson } from './edn-json.ts';
import { sameJson } from '../model/json.ts';
import type { Json } from './operation.ts';

/** `['read', key, value]` or `['write', key, value]`. */
export type MicroOperation = readonly ['read' | 'write', string, Json];

const MEANING: Readonly<Record<string, 'read' | 'write'>> = { r: 'read', read: 'read', w: 'write', write: 'write' };

/**
 * The micro-operations of a transaction.
 * @param keyName what a key is called
 * @throws EdnError for what is no transaction of reads and writes
 */
export function transactionOf(edn: Edn, at: number, keyName: (key: Json) => string): readonly MicroOperation[] {
  if (!Array.isArray(edn)) {
    throw new EdnError(at, `a transaction is a vector like [[:read :x nil] [:write :y 2]], not ${shown(edn)}`);
  }
  return edn.map((micro: Edn) => microOf(micro, at, keyName));
}

/** What a transaction answered, without the reads that were answered nil: those are legal in every state. */
export function withoutNilReads(transaction: readonly MicroOperation[]): readonly MicroOperation[] {
  return transaction.filter(([f, , value]) => f === 'write' || value !== null);
}

/** True if a completed transaction can be the one that was invoked: the same reads and writes, with the reads filled in. */
export function isCompletionOf(invoked: readonly MicroOperation[], completed: readonly MicroOperation[]): boolean {
  if (invoked.length !== completed.length) return false;
  return invoked.every(([f, key, value], i) => {
    const [otherF, otherKey, otherValue] = completed[i]!;
    return f === otherF && key === otherKey && (f === 'read' || sameJson(value, otherValue));
  });
}

function microOf(edn: Edn, at: number, keyName: (key: Json) => string): MicroOperation {
  const [f, key, value] = Array.isArray(edn) ? (edn as readonly Edn[]) : [];
  if (!Array.isArray(edn) || !(f instanceof Keyword)) {
    throw new EdnError(
      at,
      `a transaction consists of [:read key value] and [:write key value], not ${shown(edn as Edn)}`,
    );
  }
  const meaning = Object.hasOwn(MEANING, f.name) ? MEANING[f.name] : undefined;
  if (meaning === undefined) {
    throw new EdnError(
      at,
      `transactions with :${f.name} are not judged here, only those of :read and :write (Elle judges them)`,
    );
  }
  if (key === undefined || edn.length > 3) throw new EdnError(at, `not [:${f.name} key value]: ${shown(edn as Edn)}`);
  return [meaning, keyName(toJson(key, at)), toJson(value ?? null, at)];
}
