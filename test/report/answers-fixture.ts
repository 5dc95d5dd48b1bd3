/** Answers as a campaign would give them, made in code: the numbers are this file's own and were measured nowhere. */
import type { Answers, Card, CardLink, HistoryLine, MatrixCell, Told } from '../../src/contract/index.ts';

const MS = 1_000_000;

export const LINK: CardLink = {
  words: 'Open the run at the incorrect read',
  href: 'runs/S20-local/report.html#op-4',
  world: 'simulator',
  operation: 'read x = 4',
};

/** A call and its answer, in ms. */
function answered(
  index: number,
  {
    process,
    node,
    f,
    value,
    output,
    from,
    to,
  }: {
    readonly process: number;
    readonly node: string;
    readonly f: string;
    readonly value: number | null;
    readonly output: number | null;
    readonly from: number;
    readonly to: number;
  },
): readonly HistoryLine[] {
  const call = { process, f, key: 'x', node };
  return [
    { ...call, index, time: from * MS, type: 'invoke', value },
    { ...call, index: index + 1, time: to * MS, type: 'ok', value: output },
  ];
}

/** x = 4 and x = 5 are acknowledged; 318 ms after the second a replica still answers 4. */
export const INCORRECT: Told = {
  words: 'The write was acknowledged at 12.084 s; the read began 318 ms later, and returned the old value.',
  lines: [
    ...answered(0, { process: 0, node: 'n1', f: 'write', value: 4, output: 4, from: 12_010, to: 12_022 }),
    ...answered(2, { process: 0, node: 'n1', f: 'write', value: 5, output: 5, from: 12_062, to: 12_084 }),
    ...answered(4, { process: 1, node: 'n3', f: 'read', value: null, output: 4, from: 12_402, to: 12_404 }),
  ],
  read: 4,
  link: LINK,
};

/** The same read while the write of 5 is still under way. */
export const CORRECT: Told = {
  words: 'The read began while the write was still under way, and may return either value.',
  lines: [
    ...answered(0, { process: 0, node: 'n1', f: 'write', value: 4, output: 4, from: 12_010, to: 12_022 }),
    { index: 2, time: 12_062 * MS, process: 0, type: 'invoke', f: 'write', key: 'x', value: 5, node: 'n1' },
    { index: 3, time: 12_066 * MS, process: 1, type: 'invoke', f: 'read', key: 'x', value: null, node: 'n3' },
    { index: 4, time: 12_069 * MS, process: 1, type: 'ok', f: 'read', key: 'x', value: 4, node: 'n3' },
    { index: 5, time: 12_084 * MS, process: 0, type: 'ok', f: 'write', key: 'x', value: 5, node: 'n1' },
  ],
  read: 3,
  link: { ...LINK, words: 'Open the run at the correct old read', href: 'runs/S20-overlap/report.html#op-3' },
};

/** A note that holds, and nothing else that a card may have. */
export const PLAIN: Card = {
  id: 'S02',
  lines: '4-5',
  note: 'Who starts an election votes for itself.',
  form: 'statement',
  status: 'holds',
  answer: 'Yes: it raises its term, votes for itself, makes both durable, and only then asks.',
  explanation: 'A candidate that crashed right after asking would otherwise vote twice in one term.',
  claims: [{ words: 'No term had two leaders', holds: true, measured: '0 of 400 terms' }],
  figures: [
    { value: '0 of 400', bound: '< 0.75 %', label: 'terms with two leaders', tone: 'good' },
    { value: '38 ms', label: 'median time to a leader' },
  ],
  ablations: [],
  charts: [],
  links: [{ ...LINK, words: 'Open an election', href: 'runs/S02/report.html#op-0' }],
  runs: { simulated: 400, real: 0 },
  command: 'npx stalemate notes S02 --seed fixture',
};

function cell(hits: number, of: number): MatrixCell {
  const link = hits === 0 ? null : { ...LINK, href: `runs/cell-${hits}/report.html#a1` };
  return { hits, of, reads: 1000 * of, stale: 7 * hits, link };
}

function row(reads: string, promise: string, hits: readonly number[]): NonNullable<Card['matrix']>['rows'][number] {
  const all = hits.reduce((sum, it) => sum + it, 0);
  const worst = all === 0 ? null : 1412;
  return {
    reads,
    promise,
    cells: hits.map((it) => cell(it, 60)),
    all: { hits: all, of: 60 * hits.length },
    worstMs: worst,
    worstVersions: worst === null ? null : 7,
  };
}

export const REPLICA: Card = {
  ...PLAIN,
  id: 'S20',
  lines: '69-71',
  note: 'A client reads from a replica that has not applied yet what the leader has committed. Is that read incorrect?',
  form: 'question',
  status: 'answered',
  answer:
    'Yes, where reads are promised to be linearizable and the write was acknowledged before the read began. Under sequential consistency the same read is allowed.',
  explanation:
    'Once a writer has been told that it is done, every read that begins after that moment must see the write. A read that overlaps the write may return either value.',
  claims: [
    { words: 'Local reads are stale somewhere', holds: true, measured: '212 of 240 runs' },
    { words: 'read-index is never stale', holds: true, measured: '0 of 240 runs' },
  ],
  figures: [
    { value: '9,841', label: 'stale reads among 240,000 local ones', tone: 'bad' },
    { value: '7 ms', label: 'median lateness without a fault' },
    { value: '+1.5 ms', label: 'median price of read-index for each read (0.4 → 1.9 ms)' },
  ],
  matrix: {
    faults: [
      { name: 'none', words: 'no fault' },
      { name: 'pause', words: 'pause' },
      { name: 'partition', words: 'partition' },
      { name: 'kill', words: 'kill' },
    ],
    rows: [
      row('local', 'may be stale: any node answers from what it has applied', [38, 54, 60, 60]),
      row('leader', 'may be stale: a leader answers without asking whether it still is one', [0, 22, 35, 0]),
      row('lease', 'linearizable, as long as no two clocks go apart by more than a tenth', [0, 0, 0, 0]),
      row('read-index', 'linearizable', [0, 0, 0, 0]),
      row('log', 'linearizable', [0, 0, 0, 0]),
    ],
  },
  comparison: { incorrect: INCORRECT, correct: CORRECT },
  promises: {
    promises: ['linearizability', 'sequential-consistency', 'read-your-writes', 'monotonic-reads'],
    rows: [
      {
        words: 'writers and readers apart',
        verdicts: ['broken', 'kept', 'kept', 'kept'],
        because: '',
        link: LINK,
      },
      {
        words: 'the reader wrote the newer value itself',
        verdicts: ['broken', 'broken', 'broken', 'not decided'],
        because: 'Client 1 wrote x = 5 and then read x = 4.',
        link: LINK,
      },
    ],
  },
  runs: { simulated: 1200, real: 12 },
  command: 'npx stalemate notes S20 --seed fixture',
};

export const CORRECTED: Card = {
  ...PLAIN,
  id: 'S24',
  lines: '86-87',
  note: 'New leaders commit entries of prior terms once they have sent an AppendEntries of their own.',
  status: 'correction',
  answer: 'The other way round: entries of older terms commit with the first entry of the leader’s own term.',
  explanation: 'Counting copies of an older entry is not enough; figure 8 of the paper overwrites it afterwards.',
  figures: [],
  ablations: [
    {
      rule: 'a leader counts copies only for entries of its own term',
      mutant: 'M20',
      counted: 'runs that lost an acknowledged write',
      with: { hits: 0, of: 240 },
      without: { hits: 17, of: 240 },
    },
  ],
};

export const CHARTED: Card = {
  ...PLAIN,
  id: 'S08',
  lines: '22',
  note: 'A split vote: wait for another timeout.',
  form: 'answer',
  charts: [
    {
      title: 'Rounds until a leader was elected',
      bars: [
        { label: '1 round', value: 365, shown: '91.2 %' },
        { label: '2 rounds', value: 32, shown: '8.0 %' },
        { label: '3 or more', value: 0, shown: '0 %' },
      ],
      note: '400 elections of 5 nodes.',
    },
  ],
};

export const UNTESTED: Card = {
  ...PLAIN,
  id: 'S09',
  status: 'not-tested',
  answer: 'An answer that nothing stands behind.',
  explanation: '',
  claims: [],
  figures: [],
  links: [],
  runs: { simulated: 0, real: 0 },
  command: 'npx stalemate notes S09 --seed fixture',
};

export const FALLEN: Card = {
  ...PLAIN,
  id: 'S04',
  status: 'not-as-expected',
  claims: [
    { words: 'No acknowledged write was lost', holds: false, measured: '3 of 40 runs lost one' },
    { words: 'The candidate was refused', holds: true, measured: '40 of 40 times' },
  ],
};

/** Writes one after another, of two clients in turn, and a read long after them of one in their midst. */
function crowded(output: number): Told {
  const writes = Array.from({ length: 14 }, (_, nth) => {
    const from = 12_000 + 4 * nth;
    return answered(2 * nth, { process: nth % 2, node: 'n1', f: 'write', value: nth, output: nth, from, to: from + 3 });
  });
  const read = answered(28, { process: 2, node: 'n3', f: 'read', value: null, output, from: 12_402, to: 12_404 });
  return { ...INCORRECT, lines: [...writes.flat(), ...read], read: 28 };
}

/** Of each kind one, and more of the narrow ones. */
export const EVERY_CARD: readonly Card[] = [
  REPLICA,
  PLAIN,
  CORRECTED,
  FALLEN,
  CHARTED,
  UNTESTED,
  { ...CORRECTED, id: 'S12' },
  { ...PLAIN, id: 'S05', comparison: { incorrect: crowded(6), correct: crowded(13) } },
];

/** Every card as expected. */
export function answersOf(cards: readonly Card[] = [REPLICA, PLAIN, CORRECTED, CHARTED]): Answers {
  return {
    format: 1,
    version: '0.1.0',
    seed: 'fixture',
    scale: 'full',
    mutant: null,
    exit: 0,
    interrupted: false,
    startedMs: Date.UTC(2026, 10, 30, 22, 5),
    seconds: 754,
    earlierRuns: 0,
    command: 'npx stalemate notes --seed fixture',
    cards,
  };
}
