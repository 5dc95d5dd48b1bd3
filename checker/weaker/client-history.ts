/**
 * A history of registers as the weaker promises see it: who asked what in which order, and which write each observer saw. All
 * registers stand together, because a client's order of operations goes across them. Operation a is before b in the *program
 * order* of their client if a's return comes before b's call; an operation of unknown outcome is therefore before none.
 * The client is the process modulo the number of clients where that is known, else the process.
 */
import type { Call, Json } from '../history/operation.ts';
import type { Table } from '../history/table.ts';
import { NEVER } from '../linear/columns.ts';
import { CAS, INITIAL as INITIAL_VALUE, MISMATCH, NONE, NOTHING, READ } from '../linear/register-part.ts';
import type { Model } from '../model/model.ts';
import { AMBIGUOUS, sourcesOf } from '../staleness/ages.ts';
import { registersOf } from '../staleness/registers.ts';

/** In place of a writer: the value from the beginning; a value that nobody wrote; one that several can have written. */
export const INITIAL = -1;
export const UNWRITTEN = -2;
export const SEVERAL = -3;

/** Columns by operation, in order of call. Left out: crashed reads, and crashed writes whose value nobody saw. */
export interface ClientHistory {
  readonly count: number;
  readonly row: Int32Array;
  /** Number of the register. */
  readonly part: Int32Array;
  readonly kind: Uint8Array;
  /** What a READ saw, a CAS expected, a MISMATCH did not see; values are numbers of all registers together. Else NONE. */
  readonly needs: Int32Array;
  /** What a WRITE or a CAS leaves; else NONE. */
  readonly leaves: Int32Array;
  /** By operation that saw a value (READ, CAS): who wrote it, or INITIAL, UNWRITTEN, SEVERAL. Of others UNWRITTEN, without a meaning. */
  readonly source: Int32Array;
  readonly client: Int32Array;
  readonly clients: number;
  /** Event indices, of the whole history. `ret` is NEVER for an unknown outcome. */
  readonly call: Int32Array;
  readonly ret: Int32Array;
  /** In order of events: the operation that is called, or, as its complement (~), the one that returns. */
  readonly events: Int32Array;
  /** Where operations were split (split-cas.ts): by operation 1 if it is the second half of the one before it. */
  readonly isSecondHalf?: Uint8Array;
  /** Names of the registers. */
  readonly parts: readonly string[];
  /** How many values there are. By register: the number of its initial value. */
  readonly values: number;
  readonly initialOf: Int32Array;
  /** By register: how many crashed writes were left out because nobody saw their value. */
  readonly unseen: Int32Array;
}

/**
 * The history of a table, undefined where some part of it is not a register.
 * @throws ModelError for an operation that is not the model's
 */
export function clientHistoryOf<S>(
  table: Table,
  model: Model<S, Call, Json>,
  clients: number | undefined,
): ClientHistory | undefined {
  const registers = registersOf(table, model);
  if (registers === undefined || registers.some(({ part }) => part === undefined)) return undefined;
  // By row, to bring the operations of all parts into the order of their calls.
  const byRow = columns(table.count);
  byRow.kind.fill(NOTHING);
  const initialOf = new Int32Array(registers.length);
  const unseen = new Int32Array(registers.length);
  let values = 0;
  registers.forEach(({ rows, part }, p) => {
    const { writerOf } = sourcesOf(part!);
    initialOf[p] = values;
    const seen = usedValues(part!);
    for (let i = 0; i < rows.length; i++) {
      const { kind, needs, leaves, ret } = part!;
      if (ret[i] === NEVER && kind[i] === NOTHING) continue;
      if (ret[i] === NEVER && seen[leaves[i]!] === 0) {
        unseen[p]!++;
        continue;
      }
      const row = rows[i]!;
      byRow.kind[row] = kind[i]!;
      byRow.part[row] = p;
      byRow.needs[row] = needs[i] === NONE ? NONE : values + needs[i]!;
      byRow.leaves[row] = leaves[i] === NONE ? NONE : values + leaves[i]!;
      if (kind[i] !== READ && kind[i] !== CAS) continue;
      // A crashed compare-and-set is known to have had its effect only where nobody else can have written its value.
      const isCertain = ret[i] !== NEVER || writerOf[leaves[i]!] === i;
      byRow.source[row] = isCertain ? sourceRow(writerOf[needs[i]!]!, needs[i]!, rows) : SEVERAL;
    }
    values += part!.values.length;
  });
  return { ...gather(table, byRow, clients), parts: registers.map(({ name }) => name), values, initialOf, unseen };
}

/** The columns that are filled part by part. */
interface Filled {
  readonly kind: Uint8Array;
  readonly part: Int32Array;
  readonly needs: Int32Array;
  readonly leaves: Int32Array;
  readonly source: Int32Array;
}

function columns(count: number): Filled {
  return {
    kind: new Uint8Array(count),
    part: new Int32Array(count),
    needs: new Int32Array(count).fill(NONE),
    leaves: new Int32Array(count).fill(NONE),
    source: new Int32Array(count).fill(UNWRITTEN),
  };
}

function sourceRow(writer: number, value: number, rows: Int32Array): number {
  if (writer === AMBIGUOUS) return SEVERAL;
  if (writer !== NONE) return rows[writer]!;
  return value === INITIAL_VALUE ? INITIAL : UNWRITTEN;
}

/**
 * By value 1 if somebody saw it. A crashed compare-and-set saw what it expected if its own new value was seen, which goes on
 * to a fixpoint. A mismatch sees nothing in particular.
 */
function usedValues(part: NonNullable<NonNullable<ReturnType<typeof registersOf>>[number]['part']>): Uint8Array {
  const { count, kind, needs, leaves, ret } = part;
  const used = new Uint8Array(part.values.length);
  const crashed: number[] = [];
  for (let i = 0; i < count; i++) {
    if (kind[i] === CAS && ret[i] === NEVER) crashed.push(i);
    else if (kind[i] === CAS || kind[i] === READ) used[needs[i]!] = 1;
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const i of crashed) {
      if (used[leaves[i]!] === 0 || used[needs[i]!] === 1) continue;
      used[needs[i]!] = 1;
      changed = true;
    }
  }
  return used;
}

function gather(
  table: Table,
  byRow: Filled,
  clients: number | undefined,
): Omit<ClientHistory, 'parts' | 'values' | 'initialOf' | 'unseen'> {
  const placeOf = new Int32Array(table.count).fill(NONE);
  let count = 0;
  for (let row = 0; row < table.count; row++) if (byRow.kind[row] !== NOTHING) placeOf[row] = count++;
  const filled = columns(count);
  const row = new Int32Array(count);
  const client = new Int32Array(count);
  const call = new Int32Array(count);
  const ret = new Int32Array(count);
  const at = new Int32Array(table.end).fill(NEVER);
  const numbers = new Map<number, number>();
  for (let from = 0; from < table.count; from++) {
    const i = placeOf[from]!;
    if (i === NONE) continue;
    row[i] = from;
    filled.kind[i] = byRow.kind[from]!;
    filled.part[i] = byRow.part[from]!;
    filled.needs[i] = byRow.needs[from]!;
    filled.leaves[i] = byRow.leaves[from]!;
    filled.source[i] = byRow.source[from]! < 0 ? byRow.source[from]! : placeOf[byRow.source[from]!]!;
    const name = clients === undefined ? table.process[from]! : table.process[from]! % clients;
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = numbers.size));
    client[i] = number;
    call[i] = table.call[from]!;
    ret[i] = table.ret[from]!;
    at[call[i]!] = i;
    if (ret[i] !== NEVER) at[ret[i]!] = ~i;
  }
  return {
    count,
    row,
    ...filled,
    client,
    clients: numbers.size,
    call,
    ret,
    events: at.filter((entry) => entry !== NEVER),
  };
}

/** The operations of one register as a history of its own. @param operations its operations, in order of call */
export function onlyRegister(history: ClientHistory, operations: Int32Array): ClientHistory {
  const pick = <A extends Int32Array | Uint8Array>(from: A): A => {
    const picked = from.slice(0, operations.length) as A;
    for (let i = 0; i < operations.length; i++) picked[i] = from[operations[i]!]!;
    return picked;
  };
  // Writers of a register are operations of it, and its operations keep their order.
  const placeOf = (operation: number): number => lowerBound(operations, operation);
  const call = pick(history.call);
  const ret = pick(history.ret);
  return {
    ...history,
    count: operations.length,
    row: pick(history.row),
    part: pick(history.part),
    kind: pick(history.kind),
    needs: pick(history.needs),
    leaves: pick(history.leaves),
    source: pick(history.source).map((source) => (source < 0 ? source : placeOf(source))),
    client: pick(history.client),
    call,
    ret,
    events: merged(call, ret),
  };
}

function lowerBound(ascending: Int32Array, number: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

function merged(call: Int32Array, ret: Int32Array): Int32Array {
  const events = new Int32Array(2 * call.length);
  const returns = Int32Array.from(call, (_event, i) => i)
    .filter((i) => ret[i] !== NEVER)
    .sort((a, b) => ret[a]! - ret[b]!);
  let length = 0;
  let next = 0;
  for (let i = 0; i < call.length; i++) {
    while (next < returns.length && ret[returns[next]!]! < call[i]!) events[length++] = ~returns[next++]!;
    events[length++] = i;
  }
  while (next < returns.length) events[length++] = ~returns[next++]!;
  return events.subarray(0, length);
}

/** True where the operation wrote a value. */
export function isWrite({ leaves }: ClientHistory, i: number): boolean {
  return leaves[i] !== NONE;
}

/** True where the operation saw a value. */
export function isObserver({ kind }: ClientHistory, i: number): boolean {
  return kind[i] === READ || kind[i] === CAS;
}

/** True for a compare-and-set that was answered "no". */
export function isMismatch({ kind }: ClientHistory, i: number): boolean {
  return kind[i] === MISMATCH;
}
