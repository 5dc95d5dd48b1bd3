/**
 * `check`: is there one order of the operations, each at an instant between its call and its return, that the model accepts?
 * The history is split into parts that never influence each other, each part is decided, every `ok` is replayed by separate
 * code, and every violation is explained.
 */
import type { Unnumbered } from './explain/anomalies.ts';
import type { Call, History, Json } from './history/operation.ts';
import { FAILED, tableOf, type Table } from './history/table.ts';
import { Judge, type Judged } from './judge.ts';
import type { Model } from './model/model.ts';
import type { Anomaly, Budget, PartResult, Verdict } from './verdict/verdict.ts';

/** Decides every history of a usual run, and gives up on a hopeless one within a minute and about 1 GiB. */
export const DEFAULT_BUDGET: Budget = { maxSteps: 50_000_000, maxBytes: 1 << 30 };

/**
 * Decides whether a history is linearizable.
 * @throws ModelError for an operation that is not the model's
 */
export function check<S>(history: History, model: Model<S, Call, Json>, budget: Budget = DEFAULT_BUDGET): Verdict {
  const table = tableOf(history);
  const judge = new Judge(table, model, { budget, clients: history.clients, untimed: history.untimed === true });
  return conclude(
    table,
    judge.parts.map((_part, number) => judge.judge(number)),
    judge.parts.length,
  );
}

/**
 * The verdict on a history from the judgements on its parts.
 * @param judged in order of the parts; those that were not judged are left out
 * @param keys how many parts there are
 */
export function conclude(table: Table, judged: readonly Judged[], keys: number): Verdict {
  const parts = judged.map(({ result }) => result);
  return {
    kind: kindOf(parts),
    operations: judgedRows(table),
    keys,
    parts,
    anomalies: numbered(
      judged.flatMap(({ anomalies }) => anomalies),
      table,
    ),
  };
}

function judgedRows({ count, state }: Table): number {
  let judged = 0;
  for (let row = 0; row < count; row++) if (state[row] !== FAILED) judged++;
  return judged;
}

function kindOf(parts: readonly PartResult[]): Verdict['kind'] {
  if (parts.some(({ kind }) => kind === 'violation')) return 'violation';
  return parts.some(({ kind }) => kind === 'unknown') ? 'unknown' : 'ok';
}

/** The most telling first: what no age explains, then the stalest; in order of invocation where they are equal. */
function numbered(anomalies: readonly Unnumbered[], table: Table): readonly Anomaly[] {
  const callNs = callTimes(
    table,
    anomalies.map(({ operation }) => operation),
  );
  const gapOf = ({ newer }: Unnumbered): number => newer?.gapNs ?? Number.MAX_SAFE_INTEGER;
  return anomalies
    .toSorted(
      (a, b) => gapOf(b) - gapOf(a) || callNs.get(a.operation)! - callNs.get(b.operation)! || a.operation - b.operation,
    )
    .map((anomaly, i) => ({ id: `a${i + 1}`, ...anomaly }));
}

function callTimes({ count, id, callNs }: Table, ids: readonly number[]): ReadonlyMap<number, number> {
  const wanted = new Set(ids);
  const times = new Map<number, number>();
  for (let row = 0; row < count && wanted.size > 0; row++) if (wanted.has(id[row]!)) times.set(id[row]!, callNs[row]!);
  return times;
}
