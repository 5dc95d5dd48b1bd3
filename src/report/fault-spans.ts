/** Faults as spans of time: an injection and its heal become one band. */
import type { Nanos } from '../../checker/index.ts';
import type { FaultKind, FaultLine } from '../contract/index.ts';

/** A fault from its injection to its heal. */
export interface FaultSpan {
  readonly id: number;
  readonly kind: FaultKind;
  readonly nodes: readonly string[];
  readonly about: string;
  readonly fromNs: Nanos;
  /** Infinity where no heal was recorded. */
  readonly toNs: Nanos;
  /** Whether it was seen to have held until the heal; null where no heal was recorded. */
  readonly effective: boolean | null;
  readonly evidence: string;
  /** Whether a stale leader could have been seen. */
  readonly window: boolean;
  /** The leader known at injection. */
  readonly leader: { readonly node: string; readonly term: number } | null;
}

/** In order of injection. Steps that found no target are no spans. */
export function faultSpans(lines: readonly FaultLine[]): readonly FaultSpan[] {
  const heals = new Map(lines.flatMap((line) => (line.event === 'heal' ? [[line.id, line] as const] : [])));
  return lines
    .flatMap((line): FaultSpan[] => {
      if (line.event !== 'inject') return [];
      const heal = heals.get(line.id);
      const { id, kind, nodes, about, leader, time: fromNs } = line;
      return [
        {
          id,
          kind,
          nodes,
          about,
          leader,
          fromNs,
          toNs: heal?.time ?? Infinity,
          effective: heal?.effective ?? null,
          evidence: heal?.evidence ?? line.evidence,
          window: heal?.window ?? false,
        },
      ];
    })
    .toSorted((left, right) => left.fromNs - right.fromNs);
}

/** The faults that hold at some instant of a window. */
export function spansWithin<T extends { readonly fromNs: Nanos; readonly toNs: Nanos }>(
  spans: readonly T[],
  window: { readonly fromNs: Nanos; readonly toNs: Nanos },
): readonly T[] {
  return spans.filter(({ fromNs, toNs }) => fromNs <= window.toNs && toNs >= window.fromNs);
}
