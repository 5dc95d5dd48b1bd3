/**
 * Replays an order against the model and the program order of the clients, from the table alone: separate code, so that a fault
 * of the search cannot become a promise.
 */
import type { Call, Json } from '../history/operation.ts';
import { OK, operationAt, type Table } from '../history/table.ts';
import { REJECTED, UNSEEN, type Model } from '../model/model.ts';

/**
 * Why this order of rows is not one in which every client's operations stand as it did them and every answer is right; undefined
 * if it is one.
 * @param order rows
 * @param given.rows of these the answered ones have to be in it
 */
export function faultInProgramOrder<S>(
  order: readonly number[],
  given: {
    readonly table: Table;
    readonly rows: Iterable<number>;
    readonly model: Model<S, Call, Json>;
    readonly clients: number | undefined;
  },
): string | undefined {
  const { table, rows, model, clients } = given;
  const placed = new Set<number>();
  for (const row of order) {
    if (placed.has(row)) return `operation ${table.id[row]} stands twice`;
    placed.add(row);
  }
  for (const row of rows) {
    if (table.state[row] === OK && !placed.has(row) && !isWithoutEffect(table, row, model))
      return `operation ${table.id[row]} is missing`;
  }
  return outOfProgramOrder(table, order, clients) ?? wrongAnswer(table, order, model);
}

/** No operation whose model says `nothing` needs a place. */
function isWithoutEffect<S>(table: Table, row: number, model: Model<S, Call, Json>): boolean {
  const { input, outcome } = operationAt(table, row);
  return model.asRegister?.(input, outcome.kind === 'ok' ? outcome.output : UNSEEN)?.kind === 'nothing';
}

/** In the order, an operation that returned before another one of its client was called must not stand after it. */
function outOfProgramOrder(table: Table, order: readonly number[], clients: number | undefined): string | undefined {
  const lastCall = new Map<number, number>();
  for (const row of order) {
    const client = clients === undefined ? table.process[row]! : table.process[row]! % clients;
    const last = lastCall.get(client) ?? -1;
    if (table.ret[row]! < last) return `operation ${table.id[row]} stands after one that its client did later`;
    lastCall.set(client, Math.max(last, table.call[row]!));
  }
  return undefined;
}

function wrongAnswer<S>(table: Table, order: readonly number[], model: Model<S, Call, Json>): string | undefined {
  const states = new Map<string, S>();
  for (const row of order) {
    const { input, outcome } = operationAt(table, row);
    const part = model.partition?.(input) ?? '';
    const state = states.has(part) ? states.get(part)! : model.initial;
    const next = model.step(state, input, outcome.kind === 'ok' ? outcome.output : UNSEEN);
    if (next === REJECTED) return `the answer of operation ${table.id[row]} is not possible where it stands`;
    states.set(part, next);
  }
  return undefined;
}
