/** Hints say how a mutant is met, and not where it is: few events, nothing that is written, nothing that is drawn. The fast ones are played. */
import { describe, expect, test } from 'vitest';
import { HINTS } from '../../src/explore/hints/index.ts';
import { outcomeOf } from '../../src/explore/outcome.ts';
import { planFor, type Hint, type Tally } from '../../src/explore/score.ts';
import { MUTANTS } from '../../src/raft/rules.ts';

const MOST_TRIGGERS = 3;
const SEED = 'hints';
const MOST_SCHEDULES = 40;

describe.each(Object.entries(HINTS))('the hint of %s', (id, hint) => {
  test('belongs to a mutant, and says why it takes this', () => {
    expect(Object.keys(MUTANTS)).toContain(id);
    expect(hint.because).toMatch(/^[A-Z].{20,}\.$/);
  });

  test('waits for at most three events', () => {
    expect(triggersOf(hint)).toBeLessThanOrEqual(MOST_TRIGGERS);
  });

  test('names no node, no value and no draw', () => {
    const parts = ['because', 'frame', 'world', 'electionTimeoutMs', 'thinkMs', 'steps'];
    expect(parts).toEqual(expect.arrayContaining(Object.keys(hint)));
    for (const step of hint.steps ?? []) {
      expect(Object.keys(step).filter((it) => ['id', 'nodes', 'draw'].includes(it))).toEqual([]);
    }
  });
});

function triggersOf({ steps = [] }: Hint): number {
  return steps.flatMap(({ when, until }) => [when, until]).filter((it) => it !== undefined).length;
}

/** What the first plan finds that finds anything, and how many were played. */
async function firstFound(
  hint: Hint,
  mutant: string | null,
  most: number,
): Promise<{ readonly played: number; readonly found: readonly string[] }> {
  for (let played = 1; played <= most; played++) {
    const { findings } = await outcomeOf(planFor({ mutant, seed: SEED, hint }, played - 1));
    const found = findings.map((it) => (it.detector === 'clients' ? 'clients' : it.class));
    if (found.length > 0) return { played, found };
  }
  return { played: most, found: [] };
}

describe.each([
  ['M03', 'single-vote'],
  ['M04', 'clients'],
  ['M06', 'clients'],
  ['M08', 'single-vote'],
  ['M15', 'reported-by-node'],
  ['M17', 'reported-by-node'],
  ['M20', 'leader-completeness'],
  ['M21', 'clients'],
  ['M24', 'leader-completeness'],
  ['M25', 'commit-monotonic'],
  ['M26', 'reported-by-node'],
  ['M27', 'leader-append-only'],
] as const satisfies readonly (readonly [string, keyof Tally['byDetector']])[])('with its hint %s', (id, detector) => {
  test(`is caught by ${detector}, and the correct node plays the same plans without alarm`, async () => {
    const hint = HINTS[id]!;
    const { played, found } = await firstFound(hint, id, MOST_SCHEDULES);
    expect(found).toContain(detector);
    expect(await firstFound(hint, null, played)).toEqual({ played, found: [] });
  });
});
