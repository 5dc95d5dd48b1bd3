/** Judges what clients saw in a simulation, from the same lines and by the same checker as a recorded run. */
import { check, readJsonl, type Verdict } from '../../checker/index.ts';
import type { HistoryLine } from '../../src/contract/index.ts';
import { findWorkload } from '../../workloads/index.ts';

export function judge(lines: readonly HistoryLine[], workload = 'cas-register'): Verdict {
  return check(readJsonl(historyText(lines), 'simulation'), findWorkload(workload).model);
}

/** history.jsonl. */
export function historyText(lines: readonly HistoryLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
