/** Faults as stretches of time, from the lines of faults.jsonl. */
import type { Nanos } from '../base/time.ts';
import type { FaultCount, FaultKind, FaultLine, FaultTarget } from '../contract/index.ts';

/** One fault that was injected. */
export interface FaultSpan {
  readonly kind: FaultKind;
  readonly target: FaultTarget;
  readonly fromNs: Nanos;
  /** Infinity for one that was never seen to be undone. */
  readonly toNs: Nanos;
  readonly effective: boolean;
  readonly window: boolean;
}

/** In order of injection. One without a heal line, because the controller was killed, was not seen to have held to its end. */
export function spansOf(lines: readonly FaultLine[]): readonly FaultSpan[] {
  const heals = new Map(lines.flatMap((line) => (line.event === 'heal' ? [[line.id, line] as const] : [])));
  return lines.flatMap((line) => {
    if (line.event !== 'inject') return [];
    const heal = heals.get(line.id);
    return {
      kind: line.kind,
      target: line.target,
      fromNs: line.time,
      toNs: heal?.time ?? Infinity,
      effective: heal?.effective ?? false,
      window: heal?.window ?? false,
    };
  });
}

/** Counts by kind, in the order in which the kinds were asked for. A step that was skipped counts as idle. */
export function countFaults(kinds: readonly FaultKind[], lines: readonly FaultLine[]): readonly FaultCount[] {
  const spans = spansOf(lines);
  return [...new Set(kinds)].map((kind) => {
    const ofKind = spans.filter((span) => span.kind === kind);
    const skipped = lines.filter((line) => line.event === 'skip' && line.kind === kind).length;
    return {
      kind,
      total: ofKind.length + skipped,
      effective: ofKind.filter((span) => span.effective).length,
      windows: ofKind.filter((span) => span.window).length,
    };
  });
}
