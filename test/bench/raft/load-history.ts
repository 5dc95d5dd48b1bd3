/**
 * What a loader's clients did, kept as numbers while they are measured and written afterwards as lines that `stalemate check` reads.
 * Times are those of the machine's monotonic clock, so loaders that follow one another fit into one history.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface LoadOperation {
  readonly process: number;
  readonly f: 'write' | 'read';
  readonly key: number;
  /** The number that was written, or that was read; null for a key without a value. */
  readonly value: number | null;
  readonly callNs: number;
  /** Null where nobody knows whether it happened: it has no end. */
  readonly returnNs: number | null;
}

/** Lines are joined up to this many before they are written. */
const BATCH = 10_000;

/** Writes the operations in the order of their calls and returns. Returns the number of lines. */
export function writeHistory(file: string, operations: readonly LoadOperation[], firstIndex: number): number {
  const ends = operations.flatMap(({ returnNs }, of) =>
    returnNs === null ? [] : [{ timeNs: returnNs, of, isReturn: true }],
  );
  const calls = operations.map(({ callNs }, of) => ({ timeNs: callNs, of, isReturn: false }));
  // At one moment calls come first: then the operations overlap, and neither order is ruled out by a clock that is too coarse.
  const events = [...calls, ...ends].sort((a, b) => a.timeNs - b.timeNs || Number(a.isReturn) - Number(b.isReturn));
  const fd = openSync(file, 'w');
  let lines: string[] = [];
  const flush = (): void => {
    for (let bytes = Buffer.from(lines.join('')); bytes.length > 0;) bytes = bytes.subarray(writeSync(fd, bytes));
    lines = [];
  };
  events.forEach(({ timeNs, of, isReturn }, i) => {
    const { process, f, key, value } = operations[of]!;
    const shown = f === 'read' && !isReturn ? null : value;
    const type = isReturn ? 'ok' : 'invoke';
    lines.push(
      `${JSON.stringify({ index: firstIndex + i, time: timeNs, process, type, f, key: `k${key}`, value: shown })}\n`,
    );
    if (lines.length === BATCH) flush();
  });
  flush();
  closeSync(fd);
  return events.length;
}
