/**
 * Which parts are sent to a thread together. A message costs as much as deciding some thousand easy operations, so small parts
 * travel together; a large part travels alone and early, so that no thread is left with it at the end. Apart from that the order
 * is that of the parts, because the lowest violation ends a check.
 */
import type { PartRows } from '../linear/parts.ts';

/** Parts that follow one another. */
export interface Batch {
  readonly first: number;
  readonly count: number;
  readonly operations: number;
}

/** Enough batches that threads end at about the same time. */
const BATCHES_PER_THREAD = 16;

/** @param from the parts below this one are left out */
export function batchesOf(
  parts: readonly PartRows[],
  from: number,
  { jobs, leastBatch }: { readonly jobs: number; readonly leastBatch: number },
): readonly Batch[] {
  let total = 0;
  for (let part = from; part < parts.length; part++) total += parts[part]!.rows.length;
  const target = Math.max(leastBatch, Math.ceil(total / (jobs * BATCHES_PER_THREAD)));
  const batches: Batch[] = [];
  for (let first = from, part = from, operations = 0; part < parts.length; part++) {
    const next = parts[part + 1]?.rows.length;
    operations += parts[part]!.rows.length;
    if (next !== undefined && operations < target && next < target) continue;
    batches.push({ first, count: part + 1 - first, operations });
    first = part + 1;
    operations = 0;
  }
  const large = batches.filter(({ operations }) => operations >= 2 * target);
  const rest = batches.filter(({ operations }) => operations < 2 * target);
  return [...large.sort((a, b) => b.operations - a.operations || a.first - b.first), ...rest];
}

/** The rows of a batch, in growing order. */
export function rowsOf(parts: readonly PartRows[], { first, count }: Batch): Int32Array {
  const members = parts.slice(first, first + count).flatMap(({ rows, failed }) => [rows, failed]);
  const all = new Int32Array(members.reduce((length, rows) => length + rows.length, 0));
  let at = 0;
  for (const rows of members) {
    all.set(rows, at);
    at += rows.length;
  }
  return all.sort();
}
