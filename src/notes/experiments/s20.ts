/**
 * S20, the question that started it all: a client reads from a replica after an entry was committed at the leader and before it reached that
 * replica. Is that read incorrect?
 */
import {
  isViolation,
  claim,
  count,
  countFigure,
  isWrong,
  median,
  ms,
  numbers,
  percent,
  showFirst,
  shown,
  sum,
  toldClaim,
  type Conclusion,
  type Experiment,
  type Results,
  type Shown,
} from '../experiment.ts';
import type { Trial } from '../recording.ts';
import { costArm, matrixArms, MATRIX_FAULTS, MATRIX_READS, nameOfCell } from './s20-matrix.ts';
import {
  overlapping,
  ownWrite,
  PROMISES,
  realLocal,
  realReadIndex,
  replicaArm,
  restarted,
  writersApart,
} from './s20-replica.ts';
import { readModes } from '../../run/index.ts';
import type { Card, MatrixCell } from '../../contract/index.ts';

const SAFE = ['read-index', 'lease', 'log'] as const;

const HISTORIES = [
  ['apart', 'Writer and reader apart: the reader asks a replica that is cut off.'],
  ['own write', 'The reader wrote the newer value itself, and then asks that replica.'],
  ['restarted', 'The replica was started again between two reads.'],
  ['overlap', 'The write is not acknowledged yet when the replica is asked.'],
] as const;

export const s20: Experiment = {
  id: 'S20',
  lines: '69-71',
  note: 'A client reads from a replica after an entry was committed at the leader, and before it was committed at that replica. Is the read incorrect?',
  form: 'question',
  status: 'answered',
  decisive: 'M29',
  arms: {
    apart: replicaArm(writersApart, HISTORIES[0][1]),
    'own write': replicaArm(ownWrite, HISTORIES[1][1]),
    restarted: replicaArm(restarted, HISTORIES[2][1]),
    overlap: replicaArm(overlapping, HISTORIES[3][1]),
    'real, local': realLocal,
    'real, read-index': realReadIndex,
    'cost of local': costArm('local'),
    'cost of read-index': costArm('read-index'),
    ...matrixArms(),
  },
  conclude,
};

function conclude(results: Results): Conclusion {
  const row = (reads: string): readonly Trial[] =>
    MATRIX_FAULTS.flatMap(({ name }) => results[nameOfCell(reads, name)]!);
  const local = row('local');
  const safe = SAFE.flatMap(row);
  const ages = local.flatMap(({ facts }) =>
    typeof facts['medianStaleMs'] === 'number' && (facts['stale'] as number) > 0 ? [facts['medianStaleMs']] : [],
  );
  const stale = sum(numbers(local, 'stale'));
  const reads = sum(numbers(local, 'reads'));
  const worst = Math.max(...numbers(local, 'worstMs'));
  const calm = results[nameOfCell('local', 'none')]!;
  const [localCost, safeCost] = ['cost of local', 'cost of read-index'].map((name) => ({
    p50: median(numbers(results[name]!, 'p50Ms')),
    perSecond: median(numbers(results[name]!, 'perSecond')),
  }));
  return {
    answer:
      'Under linearizability yes, once the write was acknowledged before the read began. A read that overlaps the write may return either value, and under sequential consistency the old one is allowed even later.',
    explanation:
      'A replica answers from what it has applied, and cannot know what it has not heard. Whether that is wrong depends on the promise: linearizability is about real time, sequential consistency only about the order that each client sees. Neither allows a client to miss its own write, or to see time run backwards at a replica that forgot what it had applied. Modes that ask the leader, and have it ask a majority, pay a round trip for being right.',
    claims: [...matrixClaims(results), ...historyClaims(results)],
    figures: [
      {
        value: `${stale.toLocaleString('en-US')} of ${reads.toLocaleString('en-US')}`,
        label: `local reads were incorrect, in ${local.length} runs; ${shown(count(calm, isViolation))} without any fault`,
        tone: 'bad',
      },
      { value: `${ms(median(ages))}, worst ${ms(worst)}`, label: 'how late they were, median of the runs' },
      countFigure(count(safe, isViolation), 'runs with an incorrect read by read-index, lease or log', 'good'),
      {
        value: `${localCost!.p50.toFixed(2)} → ${safeCost!.p50.toFixed(2)} ms`,
        label: `median read on real processes, local and read-index: ${percent(safeCost!.perSecond / localCost!.perSecond)} of the throughput is left`,
      },
    ],
    ablations: [],
    charts: [],
    show: [
      ...showFirst(results, {
        arm: 'real, local',
        is: isViolation,
        words: 'an incorrect read at a replica, on real processes',
      }),
      ...showFirst(results, { arm: 'real, read-index', words: 'the same question by read-index' }),
    ],
    linked: (links) => ({
      matrix: {
        faults: MATRIX_FAULTS.map(({ name, words }) => ({ name, words })),
        rows: MATRIX_READS.map((mode) => {
          const all = row(mode);
          const worstMs = Math.max(0, ...numbers(all, 'worstMs'));
          const worstVersions = Math.max(0, ...numbers(all, 'worstVersions'));
          return {
            reads: mode,
            promise: readModes({}).promises[mode]!,
            cells: MATRIX_FAULTS.map(({ name }): MatrixCell => {
              const trials = results[nameOfCell(mode, name)]!;
              const link = worstOf(nameOfCell(mode, name), trials);
              return {
                ...count(trials, isViolation),
                reads: sum(numbers(trials, 'reads')),
                stale: sum(numbers(trials, 'stale')),
                link: link === null ? null : links.to(link),
              };
            }),
            all: count(all, isViolation),
            worstMs: worstMs === 0 ? null : worstMs,
            worstVersions: worstVersions === 0 ? null : worstVersions,
          };
        }),
      },
      ...histories(results, links),
    }),
  };
}

/** The run with the oldest answer. */
function worstOf(arm: string, trials: readonly Trial[]): Shown | null {
  const wrong = trials.filter((it) => isViolation(it) && typeof it.facts['at'] === 'number');
  const worst = wrong.toSorted((a, b) => (b.facts['worstMs'] as number) - (a.facts['worstMs'] as number))[0];
  if (worst === undefined) return null;
  return {
    arm,
    nth: worst.nth,
    operation: worst.facts['at'] as number,
    words: `the oldest answer: ${ms(worst.facts['worstMs'] as number)} late`,
  };
}

function matrixClaims(results: Results): Conclusion['claims'] {
  const row = (reads: string): readonly Trial[] =>
    MATRIX_FAULTS.flatMap(({ name }) => results[nameOfCell(reads, name)]!);
  const cut = count(results[nameOfCell('local', 'partition')]!, isViolation);
  const leader = count(
    [...results[nameOfCell('leader', 'partition')]!, ...results[nameOfCell('leader', 'pause')]!],
    isViolation,
  );
  return [
    claim('local reads are incorrect when a replica is cut off', cut.hits > 0, shown(cut)),
    claim('so are those of a leader that trusts itself', leader.hits > 0, shown(leader)),
    ...SAFE.map((mode) => {
      const wrong = count(row(mode), isWrong);
      const reads = sum(numbers(row(mode), 'reads'));
      return claim(
        `no incorrect read by ${mode}`,
        wrong.hits === 0 && reads > 0,
        `${shown(wrong)} runs, ${reads.toLocaleString('en-US')} reads`,
      );
    }),
  ];
}

function historyClaims(results: Results): Conclusion['claims'] {
  const every = (
    arm: string,
    wanted: Readonly<Record<string, string>>,
    words: string,
  ): Conclusion['claims'][number] => {
    const trials = results[arm]!;
    const right = count(trials, ({ facts }) => Object.entries(wanted).every(([name, value]) => facts[name] === value));
    return claim(words, right.of > 0 && right.hits === right.of, shown(right));
  };
  const real = results['real, read-index']!;
  return [
    ...HISTORIES.map(([name]) => toldClaim(name, results[name]!)),
    ...['real, local', 'real, read-index', 'cost of local', 'cost of read-index'].map((name) =>
      toldClaim(name, results[name]!),
    ),
    every(
      'apart',
      { linearizability: 'broken', 'sequential-consistency': 'kept' },
      'writer and reader apart: not linearizable, and sequentially consistent',
    ),
    every(
      'own write',
      { linearizability: 'broken', 'sequential-consistency': 'broken', 'read-your-writes': 'broken' },
      'own write missed: neither, and read-your-writes is broken',
    ),
    every(
      'restarted',
      { linearizability: 'broken', 'sequential-consistency': 'broken', 'monotonic-reads': 'broken' },
      'replica restarted: neither, and monotonic reads are broken',
    ),
    every('overlap', { linearizability: 'kept', old: 'yes' }, 'an old value while the write is under way is correct'),
    every('real, local', { linearizability: 'broken' }, 'real processes show it as well'),
    claim('by read-index they do not', count(real, isWrong).hits === 0, shown(count(real, isWrong))),
  ];
}

function histories(
  results: Results,
  links: Parameters<NonNullable<Conclusion['linked']>>[0],
): Pick<Card, 'promises' | 'comparison'> {
  const first = (arm: string): { readonly trial: Trial; readonly shown: Shown } | null => {
    const trial = results[arm]?.find(({ stuck, facts }) => stuck === null && typeof facts['at'] === 'number');
    return trial === undefined
      ? null
      : { trial, shown: { arm, nth: trial.nth, operation: trial.facts['at'] as number, words: 'this history' } };
  };
  const rows = HISTORIES.flatMap(([name, words]) => {
    const it = first(name);
    if (it === null) return [];
    const verdicts = PROMISES.map((promise) => it.trial.facts[promise] as 'kept' | 'broken' | 'not decided');
    return [{ words, verdicts, because: String(it.trial.facts['because'] ?? ''), link: links.to(it.shown) }];
  });
  const incorrect = first('apart');
  const correct = first('overlap');
  return {
    promises: { promises: PROMISES, rows },
    ...(incorrect !== null &&
      correct !== null && {
        comparison: {
          incorrect: {
            words: 'The write was acknowledged before the read began.',
            lines: links.lines(incorrect.shown),
            read: incorrect.shown.operation,
            link: links.to(incorrect.shown),
          },
          correct: {
            words: 'The write was still under way.',
            lines: links.lines(correct.shown),
            read: correct.shown.operation,
            link: links.to(correct.shown),
          },
        },
      }),
  };
}
