/** What a generated history turned out to be like: measured, not intended. */
import type { Request } from './objects.ts';

/** The measurements of one history. Shares are of all operations, mismatches of the compare-and-sets. */
export interface FactsData {
  readonly clients: number;
  readonly operations: number;
  readonly bytes: number;
  /** Operations open at once, over time. One whose outcome nobody learns counts as open until its client gave up. */
  readonly meanConcurrency: number;
  readonly maxConcurrency: number;
  readonly shares: Readonly<Record<string, number>>;
  /** Of the compare-and-sets, those answered "no"; 0 without any. */
  readonly mismatches: number;
  /** Of all operations, those that read or took nothing. */
  readonly empties: number;
  readonly crashed: number;
  /** Those that took effect and were read by somebody. */
  readonly crashedAndSeen: number;
  /** Where, in shares of the history, the first and the last one crashed. */
  readonly crashedBetween: readonly [number, number] | undefined;
  /** The read that was made stale: its index, and how many versions behind it is. */
  readonly stale: { readonly index: number; readonly versions: number } | undefined;
}

/** Collects them. */
export class Facts {
  readonly #clients: number;
  readonly #counts = new Map<string, number>();
  #openNs = 0;
  #passedNs = 0;
  #max = 0;
  #operations = 0;
  #mismatches = 0;
  #empties = 0;
  #crashed = 0;
  #crashedAndSeen = 0;
  #first = Infinity;
  #last = -Infinity;
  #stale: FactsData['stale'];

  constructor(clients: number) {
    this.#clients = clients;
  }

  pass(ns: number, open: number): void {
    this.#passedNs += ns;
    this.#openNs += ns * open;
    this.#max = Math.max(this.#max, open);
  }

  invoked({ f }: Request): void {
    this.#operations++;
    this.#counts.set(f, (this.#counts.get(f) ?? 0) + 1);
  }

  mismatch(): void {
    this.#mismatches++;
  }

  empty(): void {
    this.#empties++;
  }

  crashed(share: number): void {
    this.#crashed++;
    this.#first = Math.min(this.#first, share);
    this.#last = Math.max(this.#last, share);
  }

  get crashedSoFar(): number {
    return this.#crashed;
  }

  crashedAndSeen(): void {
    this.#crashedAndSeen++;
  }

  stale(it: NonNullable<FactsData['stale']>): void {
    this.#stale = it;
  }

  finish(bytes: number): FactsData {
    return {
      clients: this.#clients,
      operations: this.#operations,
      bytes,
      meanConcurrency: this.#openNs / this.#passedNs,
      maxConcurrency: this.#max,
      shares: Object.fromEntries([...this.#counts].map(([f, count]) => [f, count / this.#operations])),
      mismatches: this.#mismatches / (this.#counts.get('cas') ?? 1),
      empties: this.#empties / this.#operations,
      crashed: this.#crashed,
      crashedAndSeen: this.#crashedAndSeen,
      crashedBetween: this.#crashed === 0 ? undefined : [this.#first, this.#last],
      stale: this.#stale,
    };
  }
}

/** Why a history is not the benchmark that it is meant to be, in words: none should be. */
export function faultsOf(facts: FactsData): readonly string[] {
  return [
    ...(facts.meanConcurrency < 0.8 * facts.clients ? [`mean concurrency ${facts.meanConcurrency.toFixed(1)}`] : []),
    ...(facts.crashedAndSeen * 2 < facts.crashed ? [`only ${facts.crashedAndSeen} crashed ones were seen`] : []),
    ...('cas' in facts.shares && facts.mismatches < 0.5 ? [`mismatches ${facts.mismatches.toFixed(2)}`] : []),
  ];
}

/** The measurements in one line. */
export function factsLine(facts: FactsData): string {
  const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  const [first, last] = facts.crashedBetween ?? [0, 0];
  return [
    `${facts.operations} operations, ${(facts.bytes / 1e6).toFixed(1)} MB`,
    `concurrency ${facts.meanConcurrency.toFixed(1)} of ${facts.clients} (max ${facts.maxConcurrency})`,
    ...Object.entries(facts.shares)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([f, share]) => `${f} ${percent(share)}`),
    ...(facts.mismatches > 0 ? [`mismatches ${percent(facts.mismatches)} of the cas`] : []),
    ...(facts.empties > 0 ? [`empty ${percent(facts.empties)}`] : []),
    ...(facts.crashed > 0
      ? [
          `crashed ${facts.crashed} from ${percent(first)} to ${percent(last)}, ${facts.crashedAndSeen} took effect and were read`,
        ]
      : []),
    ...(facts.stale === undefined
      ? []
      : [`the read at index ${facts.stale.index} is ${facts.stale.versions} versions behind`]),
  ].join(', ');
}
