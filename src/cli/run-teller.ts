/**
 * Tells how a run goes while it goes on: on a terminal a few lines in place, elsewhere a plain line every ten seconds. Listens to
 * the lines of the history and the probes of the nodes on their way.
 */
import type { FaultLine, Plan, Probe } from '../contract/index.ts';
import type { HistoryLine } from '../../checker/index.ts';
import { liveRunLines, type NodeRole, progressLine } from '../report/index.ts';
import type { Progress } from '../run/index.ts';
import type { Screen } from './command.ts';

const PLAIN_EVERY_MS = 10_000;
/** What "lately" means. */
const RECENT_NS = 5_000_000_000;

interface Sink {
  history(line: HistoryLine): void;
  fault(line: FaultLine): void;
}

export class RunTeller {
  readonly #plan: Plan;
  readonly #screen: Screen;
  readonly #roles = new Map<string, NodeRole>();
  readonly #latencies = new RecentLatencies();
  #nextPlainMs = PLAIN_EVERY_MS;
  #earlier: readonly Progress[] = [];

  constructor(plan: Plan, screen: Screen) {
    this.#plan = plan;
    this.#screen = screen;
  }

  /** Passes everything on, and remembers how long answers took. */
  through(sink: Sink): Sink {
    return {
      fault: (line) => sink.fault(line),
      history: (line) => {
        sink.history(line);
        if (this.#screen.live !== null) this.#latencies.add(line);
      },
    };
  }

  observe(probe: Probe): void {
    const { node } = probe;
    if (probe.kind === 'role') this.#roles.set(node, { node, role: probe.role, term: probe.term });
    else if (probe.kind === 'start') this.#roles.set(node, { node, role: 'follower', term: probe.term });
  }

  tell(progress: Progress): void {
    const { live } = this.#screen;
    if (live === null) this.#tellPlainly(progress);
    else live.draw(() => this.#lines(progress));
  }

  #lines(progress: Progress): readonly string[] {
    this.#earlier = [...this.#earlier, progress].filter(
      ({ elapsedMs }) => progress.elapsedMs - elapsedMs <= RECENT_NS / 1e6,
    );
    const from = this.#earlier[0]!;
    const tookMs = progress.elapsedMs - from.elapsedMs;
    return liveRunLines({
      ...progress,
      timeMs: this.#plan.timeMs,
      perSecond: tookMs === 0 ? 0 : ((progress.ok - from.ok) / tookMs) * 1000,
      latencyMs: this.#latencies.percentiles(),
      roles: [...this.#roles.values()],
    });
  }

  #tellPlainly(progress: Progress): void {
    if (progress.elapsedMs < this.#nextPlainMs) return;
    this.#nextPlainMs += PLAIN_EVERY_MS;
    const perSecond = Math.round((progress.ok / progress.elapsedMs) * 1000);
    this.#screen.say(progressLine({ ...progress, perSecond, timeMs: this.#plan.timeMs }));
  }
}

/** How long the answers of the last seconds took. */
class RecentLatencies {
  readonly #asked = new Map<number, number>();
  #answered: { readonly atNs: number; readonly ms: number }[] = [];

  add({ type, process, time }: HistoryLine): void {
    if (type === 'invoke') {
      this.#asked.set(process, time);
      return;
    }
    const asked = this.#asked.get(process);
    this.#asked.delete(process);
    if (type === 'ok' && asked !== undefined) this.#answered.push({ atNs: time, ms: (time - asked) / 1e6 });
  }

  /** Nearest rank. */
  percentiles(): { readonly p50: number; readonly p99: number } | null {
    const lastNs = this.#answered.at(-1)?.atNs ?? 0;
    this.#answered = this.#answered.filter(({ atNs }) => lastNs - atNs <= RECENT_NS);
    const sorted = Float64Array.from(this.#answered, ({ ms }) => ms).sort();
    const at = (percent: number): number => sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
    return sorted.length === 0 ? null : { p50: at(50), p99: at(99) };
  }
}
