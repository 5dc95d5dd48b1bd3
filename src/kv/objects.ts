/**
 * What each operation does to the value of its key, and what it answers. A pure function of the two, so that all nodes agree,
 * and total: whatever the key holds, every operation has an answer.
 *
 * A command that cannot be carried out changes nothing and answers with a text that says why (`Refusal`). No other answer of a
 * command is a text, save what a `shift` took. A text, a list or a set is bounded, so that an answer fits into one frame.
 */
import type { Json } from '../base/json.ts';
import type { Operation } from '../wire/client-protocol.ts';
import { canonicalJson } from './canonical.ts';

/** Why a command was not carried out: it had no effect, and never will have. */
type Refusal =
  /** The key holds something else: a list has no sum. */
  | 'wrong-type'
  /** No room for another value, or a sum beyond 2^53. */
  | 'full'
  /** One value larger than a collection may hold. */
  | 'too-large'
  /** The lock is held by another owner. */
  | 'not-holder';

/** What came of an operation: the answer, and the key's new value where it has one. */
export interface Executed {
  readonly output: Json;
  readonly next?: Json;
}

/** Together below a frame's 16 MiB, in whatever bytes JSON needs for a character. */
const MAX_ITEMS = 4096;
const MAX_ITEM_CHARS = 1024;
const MAX_TEXT_CHARS = 1024 * 1024;

/** Carries out one operation on the value that its key holds; null where it was never written. */
export function execute(value: Json, operation: Operation): Executed {
  switch (operation.f) {
    case 'read':
      return { output: value };
    case 'write':
      return { output: null, next: operation.value };
    case 'cas':
      return isSame(value, operation.from) ? { output: true, next: operation.to } : { output: false };
    case 'concat':
      return concat(value ?? '', operation.text);
    case 'push':
      return push(value ?? [], operation.value);
    case 'shift':
      return shift(value);
    case 'increment':
      return increment(value ?? 0, operation.by);
    case 'insert':
      return insert(value ?? [], operation.value);
    case 'remove':
      return remove(value ?? [], operation.value);
    case 'acquire':
      return acquire(value, operation.owner);
    case 'release':
      return release(value, operation.owner);
  }
}

/** Whether the answer says that the command was not carried out; then the answer is the reason. */
export function isRefused({ f }: Operation, output: Json): output is string {
  return typeof output === 'string' && f !== 'read' && f !== 'shift';
}

/**
 * Whether that is an answer to this operation at all. A correct node gives no other; one that took two clients for one, because its log
 * fell apart, gives the answer of the other's.
 */
export function isAnswerTo(operation: Operation, output: Json): boolean {
  if (isRefused(operation, output)) return true;
  switch (operation.f) {
    case 'read':
    case 'shift':
      return true;
    case 'write':
    case 'concat':
    case 'push':
    case 'increment':
      return output === null;
    case 'cas':
    case 'insert':
    case 'remove':
    case 'acquire':
    case 'release':
      return typeof output === 'boolean';
  }
}

/** Null once it was added. */
function concat(value: Json, text: string): Executed {
  if (typeof value !== 'string') return refused('wrong-type');
  if (value.length + text.length > MAX_TEXT_CHARS) return refused('full');
  return { output: null, next: value + text };
}

/** Null once it was added. */
function push(value: Json, item: Json): Executed {
  if (!isList(value)) return refused('wrong-type');
  const refusal = refusalOf(value, item);
  return refusal === null ? { output: null, next: [...value, item] } : refused(refusal);
}

/** The value that was taken; null where there was none, be it that the key holds no list. */
function shift(value: Json): Executed {
  if (!isList(value) || value.length === 0) return { output: null };
  return { output: value[0]!, next: value.slice(1) };
}

/** Null once it was added. */
function increment(value: Json, by: number): Executed {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return refused('wrong-type');
  const sum = value + by;
  return Number.isSafeInteger(sum) ? { output: null, next: sum } : refused('full');
}

/** Whether it was not in before. */
function insert(value: Json, item: Json): Executed {
  if (!isList(value)) return refused('wrong-type');
  if (placeOf(value, item) >= 0) return { output: false };
  const refusal = refusalOf(value, item);
  return refusal === null ? { output: true, next: [...value, item] } : refused(refusal);
}

/** Whether it was in. */
function remove(value: Json, item: Json): Executed {
  if (!isList(value)) return refused('wrong-type');
  const place = placeOf(value, item);
  return place < 0 ? { output: false } : { output: true, next: value.toSpliced(place, 1) };
}

/** Whether the lock was free. Whoever holds it already does not get it a second time. */
function acquire(value: Json, owner: Json): Executed {
  if (value === null) return { output: true, next: { owner } };
  return isLock(value) ? { output: false } : refused('wrong-type');
}

/** Whether the lock was held, by this owner. */
function release(value: Json, owner: Json): Executed {
  if (value === null) return { output: false };
  if (!isLock(value)) return refused('wrong-type');
  return isSame(value.owner, owner) ? { output: true, next: null } : refused('not-holder');
}

function refused(refusal: Refusal): Executed {
  return { output: refusal };
}

function refusalOf(list: readonly Json[], item: Json): Refusal | null {
  if (list.length >= MAX_ITEMS) return 'full';
  return JSON.stringify(item).length > MAX_ITEM_CHARS ? 'too-large' : null;
}

function placeOf(list: readonly Json[], item: Json): number {
  const text = canonicalJson(item);
  return list.findIndex((it) => canonicalJson(it) === text);
}

function isSame(left: Json, right: Json): boolean {
  return left === right || canonicalJson(left) === canonicalJson(right);
}

function isLock(value: Json): value is { readonly owner: Json } {
  return typeof value === 'object' && value !== null && !isList(value) && value['owner'] !== undefined;
}

/** `Array.isArray` does not narrow a readonly array. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
