/** `wipe` and `fsync-error` as steps of a plan in the simulator: that they hurt, what they say of it, and that the correct node holds. */
import { describe, expect, test } from 'vitest';
import type { FaultLine, FaultStep } from '../../src/contract/index.ts';
import { DEFAULT_WORLD, drawPlan, findingsOf, play } from '../../src/explore/index.ts';

/** What is told of a plan of three nodes with this one fault. */
async function suffer(
  step: Pick<FaultStep, 'kind' | 'target'>,
  mutant: string | null = null,
): Promise<{ readonly lines: readonly FaultLine[]; readonly classes: readonly string[] }> {
  const drawn = drawPlan('disk faults', { nodes: 3, workload: 'register', reads: 'read-index', mutant, kinds: [] });
  const times = { atMs: 300, forMs: 300, heal: 'time', maxMs: 300 } as const;
  // A log of one segment: the fsyncs of a new one are waited for, and a failed one of those is fatal to every node.
  const world = {
    ...drawn.world!,
    segmentBytes: 1_000_000,
    snapshots: { ...drawn.world!.snapshots, everyEntries: null },
  };
  const played = await play({ ...drawn, world, steps: [{ id: 4, draw: 0, ...times, ...step }] });
  return { lines: played.faults, classes: findingsOf(played).map((it) => it.class) };
}

describe('a wiped node', () => {
  test('refuses to start, and a new node takes its place', async () => {
    const { lines, classes } = await suffer({ kind: 'wipe', target: 'leader' });
    expect(classes).toEqual([]);
    expect(lines).toMatchObject([
      { event: 'inject', evidence: 'its data folder is empty; the node refuses to start' },
      {
        event: 'heal',
        effective: true,
        evidence: expect.stringMatching(/^m4 took its place, committed after \d+ ms$/),
      },
    ]);
  });

  test('is caught where it starts in spite of it (M55)', async () => {
    const { lines } = await suffer({ kind: 'wipe', target: 'follower' }, 'M55');
    expect(lines).toMatchObject([
      { event: 'inject', evidence: 'its data folder is empty; the node STARTED IN SPITE OF IT' },
      { event: 'heal', effective: false },
    ]);
  });
});

describe('a failed fsync', () => {
  test.each(['leader', 'follower'] as const)('ends a %s, which starts again', async (target) => {
    const { lines, classes } = await suffer({ kind: 'fsync-error', target });
    expect(classes).toEqual([]);
    expect(lines).toMatchObject([
      { event: 'inject', evidence: 'the next fsync fails' },
      { event: 'heal', effective: true, evidence: 'the node ended; runs again' },
    ]);
  });

  test('is seen to do nothing to a node that ignores it (M56)', async () => {
    const { lines } = await suffer({ kind: 'fsync-error', target: 'leader' }, 'M56');
    expect(lines.at(-1)).toMatchObject({ effective: false, evidence: expect.stringMatching(/^the node did not end/) });
  });
});

test.each(['a', 'b', 'c', 'd'])('a newcomer that is lost before it leaves takes nobody with it (%s)', async (seed) => {
  const drawn = drawPlan(`lost visitor ${seed}`, { nodes: 3, workload: 'register', reads: 'read-index', kinds: [] });
  const base = { target: 'any', draw: 0, heal: 'time' } as const;
  const add: FaultStep = { ...base, id: 1, kind: 'membership', change: 'add', atMs: 300, forMs: 600, maxMs: 600 };
  const when = { kind: 'fault', id: 1, event: 'inject' } as const;
  const lost: FaultStep = { ...base, id: 2, kind: 'wipe', nodes: ['m1'], when, atMs: 0, forMs: 900, maxMs: 900 };
  const timing = { electionTimeoutMs: [100, 200], world: DEFAULT_WORLD } as const;
  const played = await play({ ...drawn, ...timing, steps: [add, lost] });
  expect(played.faults.map(({ event, id }) => `${event} ${id}`)).toEqual(['inject 1', 'inject 2', 'heal 1', 'heal 2']);
  expect(findingsOf(played)).toEqual([]);
});

test('many schedules of lost disks, failed fsyncs and outages: nothing goes wrong', async () => {
  for (let nth = 0; nth < 25; nth++) {
    const plan = drawPlan(`disks ${nth}`, { kinds: ['wipe', 'fsync-error', 'power-loss', 'kill', 'partition'] });
    const findings = findingsOf(await play(plan)).filter(({ detector }) => detector !== 'undecided');
    expect([plan.seed, findings]).toEqual([plan.seed, []]);
  }
});
