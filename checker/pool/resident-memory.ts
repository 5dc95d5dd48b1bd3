/**
 * The outer guard: the resident memory of the whole process. The budget of a part counts its own bytes and gives the same verdict
 * everywhere; this one depends on the machine, so what it ends is unknown with a cause of its own.
 */
import type { Judged } from '../judge.ts';
import type { PartRows } from '../linear/parts.ts';

const CAUSE = 'the process came to its limit of resident memory, which depends on the machine';

/** A judgement that was ended by the guard, under its name. One that ended before the guard could matter stays. */
export function stoppedByMemory(judged: Judged): Judged {
  const { result } = judged;
  if (result.kind !== 'unknown' || result.limit !== 'stopped') return judged;
  return { ...judged, result: { ...result, limit: 'resident-memory', progress: `${CAUSE}: ${result.progress}` } };
}

/** The judgement on a part that the guard did not let begin or come to an end. */
export function notJudged({ name, rows }: PartRows, reason: string = CAUSE): Judged {
  return {
    result: {
      part: name,
      operations: rows.length,
      steps: 0,
      configurations: 0,
      kind: 'unknown',
      limit: 'resident-memory',
      progress: `${reason}: none of ${rows.length} operations was placed`,
    },
    anomalies: [],
  };
}

/** Bytes of memory that the process occupies now. */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}
