/**
 * Gives the values that must have been taken, though nothing was seen to take them, to the takes whose answer nobody saw.
 *
 * In a queue a value v must be out by the return of any take of a value put after v's put was over; before an `empty` answer of an
 * operation called after that, in any collection, by its return. The earliest of these is v's deadline, and whatever took v was called
 * before it. So takes in order of call are given to values in order of deadline: if that fails, everything does. Whether the
 * `empty` answers between are right is for the monitor to see afterwards.
 */
import { NEVER } from '../history/table.ts';
import { EMPTY, NONE, TAKE, type CollectionPart } from './collection-part.ts';
import type { Lives } from './lives.ts';

/** The part with its unseen takes answered as far as they are needed; undefined where there are too few. */
export function giveToUnseen(
  part: CollectionPart,
  events: Int32Array,
  lives: Lives,
  unseen: readonly number[],
): CollectionPart | undefined {
  const deadlines = deadlinesOf(part, events, lives);
  const untaken: number[] = [];
  for (let v = 0; v < part.values; v++) {
    if (lives.put[v] !== NONE && lives.take[v] === NONE) untaken.push(v);
  }
  untaken.sort((a, b) => deadlines[a]! - deadlines[b]! || lives.putReturn[a]! - lives.putReturn[b]!);
  const kind = part.kind.slice();
  const value = part.value.slice();
  for (const [i, v] of untaken.entries()) {
    const take = unseen[i];
    if (take === undefined || part.call[take]! > deadlines[v]!) {
      if (deadlines[v] !== NEVER) return undefined;
      break;
    }
    kind[take] = TAKE;
    value[take] = v;
  }
  return { ...part, kind, value };
}

/** By value that is not taken: its deadline, or NEVER. */
function deadlinesOf(
  { order, kind, value, ret, values }: CollectionPart,
  events: Int32Array,
  lives: Lives,
): Int32Array {
  const deadlines = new Int32Array(values).fill(NEVER);
  let deadline = NEVER;
  for (let event = events.length - 1; event >= 0; event--) {
    const entry = events[event]!;
    if (entry === NONE) continue;
    const i = entry >> 1;
    if (kind[i] === EMPTY) {
      if ((entry & 1) === 0) deadline = Math.min(deadline, ret[i]!);
      continue;
    }
    const v = value[i]!;
    if (v === NONE) continue;
    if (lives.putCall[v] === event && order === 'fifo') deadline = Math.min(deadline, lives.takeReturn[v]!);
    if (lives.putReturn[v] === event) deadlines[v] = deadline;
  }
  return deadlines;
}
