/** Judges what clients saw in a simulation, from the same lines and by the same checker as a recorded run. */
import { casRegister, check, readJsonl, type Verdict } from '../../checker/index.ts';
import type { HistoryLine } from '../../src/contract/index.ts';

export function judge(lines: readonly HistoryLine[]): Verdict {
  return check(readJsonl(historyText(lines), 'simulation'), casRegister);
}

/** history.jsonl. */
export function historyText(lines: readonly HistoryLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
