/** What a history in EDN cannot say as it is, counted, and in words for its header. */
import { valueOf } from './edn-text.ts';
import type { Json } from './operation.ts';
import { OK, type Table } from './table.ts';
import { FALSE_VALUE, NULL_VALUE } from './values.ts';

/** How often. */
export interface EdnCounts {
  /** Compare-and-sets that were answered "no". */
  readonly mismatches: number;
  /** Nulls that registers held. */
  readonly nulls: number;
}

/** Costs a pass over the table. */
export function countsOf(table: Table): EdnCounts {
  let [mismatches, nulls] = [0, 0];
  const [read, write, cas, txn] = ['read', 'write', 'cas', 'txn'].map((name) => table.names.indexOf(name));
  for (let row = 0; row < table.count; row++) {
    const f = table.f[row];
    const isOk = table.state[row] === OK;
    if (f === cas && isOk && table.output[row] === FALSE_VALUE) mismatches++;
    if (f === read && isOk && table.output[row] === NULL_VALUE) nulls++;
    if (f === write && table.input[row] === NULL_VALUE) nulls++;
    if (f === cas && table.values.isPair(table.input[row]!) && hasNull(table, table.input[row]!)) nulls++;
    if (f === txn) nulls += nullsOf(table.values.get(table.input[row]!), isOk ? answerAt(table, row) : null);
  }
  return { mismatches, nulls };
}

function hasNull({ values }: Table, pair: number): boolean {
  return values.first(pair) === NULL_VALUE || values.second(pair) === NULL_VALUE;
}

/** The registers of a transaction that were written to null, or read as null. */
function nullsOf(asked: Json, answered: Json): number {
  const micros = (Array.isArray(answered) ? answered : asked) as readonly (readonly Json[])[];
  const isRead = (f: Json | undefined): boolean => f === 'read' || f === 'r';
  return micros.filter(([f, , value]) => value === null && (Array.isArray(answered) || !isRead(f))).length;
}

function answerAt({ output, values }: Table, row: number): Json {
  return values.get(output[row]!);
}

/** The sentences, none where nothing is lost or said otherwise. */
export function notesOf(
  counts: EdnCounts,
  { sentinel, isNil }: { readonly sentinel: string; readonly isNil: boolean },
): readonly string[] {
  const notes: string[] = [];
  if (counts.nulls > 0 && !isNil) {
    const initial = valueOf(sentinel)!;
    const word = typeof initial === 'string' ? initial : JSON.stringify(initial);
    notes.push(
      `null is written ${sentinel}, which every register holds at first: check it with --initial '${word}', or with (cas-register ${sentinel})`,
    );
  }
  if (counts.nulls > 0 && isNil)
    notes.push(`${counts.nulls} times null is nil: reads answered nil constrain nothing there`);
  if (counts.mismatches > 0) {
    const many = counts.mismatches === 1 ? '1 compare-and-set' : `${counts.mismatches} compare-and-sets`;
    notes.push(
      `${many} answered "no" (mismatch) observed that the value was another one; :fail cannot say that, it is lost`,
    );
  }
  return notes;
}
