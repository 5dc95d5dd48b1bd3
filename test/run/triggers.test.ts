/** Steps that wait for events, in the simulated cluster: each is done when that has happened, and not before. */
import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_WORLD, drawPlan, play, type Played } from '../../src/explore/index.ts';
import type { FaultLine, FaultStep, Plan, Probe, Trigger } from '../../src/contract/index.ts';

/** A pause of any node at an event. */
function pauseAt(id: number, when: Trigger, more: Partial<FaultStep> = {}): FaultStep {
  return { id, kind: 'pause', target: 'any', atMs: 0, forMs: 20, heal: 'time', maxMs: 20, draw: 0.4, when, ...more };
}

function planOf(steps: readonly FaultStep[]): Plan {
  const frame = { workload: 'cas-register', reads: 'read-index', nodes: 3, clients: 3, timeMs: 2000 };
  return { ...drawPlan('events', frame), electionTimeoutMs: [100, 200], thinkMs: 10, world: DEFAULT_WORLD, steps };
}

function lineOf(faults: readonly FaultLine[], event: FaultLine['event'], id: number): FaultLine {
  const line = faults.find((it) => it.event === event && it.id === id);
  expect(line, `${event} of step ${id}`).toBeDefined();
  return line!;
}

/** The first probe of that kind at that index or beyond, on any node. */
function reached(probes: readonly Probe[], kind: 'append' | 'commit', index: number): number {
  return probes.find((probe) => probe.kind === kind && probe.index >= index)!.time;
}

const SOON_NS = 5e6;

describe('each event', () => {
  let played: Played;
  beforeAll(async () => {
    played = await play(
      planOf([
        pauseAt(0, { kind: 'answered', operations: 30 }),
        pauseAt(1, { kind: 'append', index: 60 }),
        pauseAt(2, { kind: 'commit', index: 90 }),
        pauseAt(3, { kind: 'fault', id: 2, event: 'heal' }),
        pauseAt(4, { kind: 'fault', id: 3, event: 'inject' }, { atMs: 300 }),
      ]),
    );
  });

  test('answers of clients', () => {
    const answers = played.history.filter(({ type }) => type === 'ok');
    const { time } = lineOf(played.faults, 'inject', 0);
    expect(time).toBeGreaterThanOrEqual(answers[29]!.time);
    expect(time - answers[29]!.time).toBeLessThan(SOON_NS);
  });

  test.each([
    [1, 'append', 60],
    [2, 'commit', 90],
  ] as const)('step %d: an entry is in a log, or committed', (id, kind, index) => {
    const { time } = lineOf(played.faults, 'inject', id);
    const at = reached(played.probes, kind, index);
    expect(time).toBeGreaterThanOrEqual(at);
    expect(time - at).toBeLessThan(SOON_NS);
  });

  test('another step is done or undone, and so long after it', () => {
    const healed = lineOf(played.faults, 'heal', 2).time;
    const next = lineOf(played.faults, 'inject', 3).time;
    expect(next).toBeGreaterThanOrEqual(healed);
    expect(next - healed).toBeLessThan(SOON_NS);
    const last = lineOf(played.faults, 'inject', 4).time;
    expect(last - next).toBeGreaterThanOrEqual(300e6);
    expect(last - next).toBeLessThan(300e6 + SOON_NS);
  });
});

test('a leader of a term, and until another one leads', async () => {
  const { faults, probes } = await play(
    planOf([
      {
        ...pauseAt(0, { kind: 'leader', term: 1 }),
        kind: 'partition',
        target: 'leader',
        until: { kind: 'leader', term: 2 },
        maxMs: 1500,
      },
    ]),
  );
  const leads = (term: number): number =>
    probes.find((probe) => probe.kind === 'role' && probe.role === 'leader' && probe.term >= term)!.time;
  const healed = lineOf(faults, 'heal', 0);
  expect(healed.time).toBeGreaterThanOrEqual(leads(2));
  expect(healed.time - lineOf(faults, 'inject', 0).time).toBeLessThan(1500e6);
  expect(healed).toMatchObject({ effective: true });
});

test('what never happens is never done: no line is written, and the run ends', async () => {
  const { faults, outcome } = await play(planOf([pauseAt(0, { kind: 'leader', term: 1000 })]));
  expect(faults).toEqual([]);
  expect(outcome.finalReads.missing).toEqual([]);
});
