/** The table of the benchmark, row by row as the figures come in. */
import { factsLine } from './facts.ts';
import { growthOf, scanShareOf, type Judged, type Measured } from './judgement.ts';

const WIDTHS = [76, 9, 9, 10, 8, 8, 9, 12, 11, 4];

/** The names of the columns. */
export function header(): string {
  return row(['history', 'ops', 'scan ms', 'check ms', 'ratio', 'growth', 'peak MB', 'scan/parse', 'verdict', '']);
}

/** A row a size, what the largest history was like, and what misses the target. */
export function rowsOf({ name, runs, misses }: Judged): readonly string[] {
  const growth = growthOf(runs);
  return [
    ...runs.map(({ operations, measurement }, i) => {
      const { scanMs, checkMs, peakMb, verdict } = measurement;
      const isLast = i === runs.length - 1;
      return row([
        i === 0 ? name : '',
        String(operations),
        ms(scanMs),
        ms(checkMs),
        (checkMs / scanMs).toFixed(2),
        isLast && growth !== undefined ? growth.toFixed(2) : '',
        peakMb.toFixed(0),
        scanShareOf(measurement)?.toFixed(2) ?? '',
        verdict,
        isLast ? mark(misses) : '',
      ]);
    }),
    `    ${factsLine(runs.at(-1)!.facts)}`,
    ...misses.map((miss) => `    ✕ ${miss}`),
  ];
}

/** For short cases that are much alike: one row, which tells the worst of them. */
export function summaryOf(name: string, judged: readonly Judged[]): readonly string[] {
  return [
    `  ${name.padEnd(32)} ${summary(judged.map((it) => it.runs[0]!))} ${mark(judged.flatMap(({ misses }) => misses))}`,
    ...judged.flatMap((it) => it.misses.map((miss) => `    ✕ ${it.name}: ${miss}`)),
  ];
}

function summary(runs: readonly Measured[]): string {
  const cold = runs.map(({ measurement }) => measurement.coldCheckMs);
  const verdicts = grouped(runs, ({ measurement }) => measurement.verdict);
  const minimal = runs.flatMap(({ measurement: { anomaly } }) => (anomaly === undefined ? [] : [anomaly.minimal]));
  const seen = runs.map(({ facts }) => (facts.crashed === 0 ? 1 : facts.crashedAndSeen / facts.crashed));
  const busy = runs.map(({ facts }) => facts.meanConcurrency / facts.clients);
  return [
    [...verdicts].map(([verdict, its]) => `${its.length} ${verdict}`).join(', '),
    `cold check ${ms(Math.max(...cold))} ms at most`,
    `peak ${Math.max(...runs.map(({ measurement }) => measurement.peakMb)).toFixed(0)} MB`,
    ...(minimal.length === 0 ? [] : [`minimal history of ${Math.max(...minimal)} operations at most`]),
    `mean concurrency ≥ ${Math.min(...busy).toFixed(2)} × clients`,
    ...(runs[0]!.facts.crashed === 0
      ? []
      : [`${(100 * Math.min(...seen)).toFixed(0)} % of the crashed took effect and were read at least`]),
  ].join('; ');
}

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!))).join('');
}

function ms(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}

function mark(misses: readonly string[]): string {
  return misses.length === 0 ? '✓' : '✕';
}

/** Items with the same name together, in order of appearance. */
export function grouped<T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}
