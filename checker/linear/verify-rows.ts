/**
 * `verify` for registers over the rows of a table, for histories so long that an object for each operation would cost more
 * than the decision. It reads the recorded columns, not the engine's, and shares nothing with the engine.
 */
import type { Json } from '../history/operation.ts';
import { OK, UNKNOWN, type Table } from '../history/table.ts';
import { FALSE_VALUE } from '../history/values.ts';
import type { RegisterWords } from '../model/model.ts';

/**
 * Why the order is not a linearization of these rows of one register, in words; undefined where it is one (see `verify`).
 * @param order places in `rows`
 */
export function verifyRegisterRows(
  table: Table,
  rows: Int32Array,
  order: ArrayLike<number>,
  { words, initial }: { readonly words: RegisterWords; readonly initial: Json },
): string | undefined {
  const { f, input, output, state, call, ret, values, names } = table;
  const read = names.indexOf(words.read);
  const write = names.indexOf(words.write);
  const left = new Uint8Array(rows.length).fill(1);
  let value = values.of(initial);
  let latestCall = -1;
  for (let place = 0; place < order.length; place++) {
    const number = order[place]!;
    if (left[number] !== 1) return `operation ${number} stands twice in the order, or is not of this part`;
    left[number] = 0;
    const row = rows[number]!;
    const isAnswered = state[row] === OK;
    if (!isAnswered) refuseFailed(state[row]!);
    if (ret[row]! < latestCall) return `operation ${number} stands after one that was called after its return`;
    if (call[row]! > latestCall) latestCall = call[row]!;
    if (f[row] === read) {
      if (isAnswered && output[row] !== value) return `read ${number} is not possible where it stands`;
    } else if (f[row] === write) {
      value = input[row]!;
    } else if (isAnswered && output[row] === FALSE_VALUE) {
      if (values.first(input[row]!) === value) return `mismatch ${number} is not possible where it stands`;
    } else {
      if (values.first(input[row]!) !== value) return `compare-and-set ${number} is not possible where it stands`;
      value = values.second(input[row]!);
    }
  }
  for (let number = 0; number < rows.length; number++) {
    if (left[number] === 0) continue;
    if (state[rows[number]!] === OK) return 'an answered operation is missing in the order';
    refuseFailed(state[rows[number]!]!);
  }
  return undefined;
}

function refuseFailed(state: number): void {
  if (state !== UNKNOWN) throw new Error('a failed operation is not judged');
}
