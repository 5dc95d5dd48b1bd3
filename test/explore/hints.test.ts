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

/** What each of the hinted plans finds, one after another. */
async function* played(hint: Hint, mutant: string | null): AsyncGenerator<readonly string[]> {
  for (let nth = 0; nth < MOST_SCHEDULES; nth++) {
    const { findings } = await outcomeOf(planFor({ mutant, seed: SEED, hint }, nth));
    yield findings.map((it) => (it.detector === 'clients' ? 'clients' : it.class));
  }
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
    const correct = played(hint, null);
    let isCaught = false;
    for await (const found of played(hint, id)) {
      expect((await correct.next()).value).toEqual([]);
      isCaught = found.includes(detector);
      if (isCaught) break;
    }
    expect(isCaught).toBe(true);
  });
});
