/** What a timeline is drawn from. */
import type { Version } from './allowed.ts';
import type { FaultSpan } from './fault-spans.ts';
import type { ProbeIndex } from './probe-index.ts';
import type { Scene } from './scene.ts';

export interface TimelineInput {
  readonly scene: Scene;
  readonly faults: readonly FaultSpan[];
  readonly probes: ProbeIndex;
  /** Null where the values that a read may return are not known at every instant. */
  readonly versions: readonly Version[] | null;
  readonly bad: ReadonlySet<number>;
  readonly anchor: (id: number) => string;
}
