/** Every kind of fault that a plan can ask for, in the simulated cluster: it is felt, says how, is undone, and the correct node holds. */
import { describe, expect, test } from 'vitest';
import { drawPlan, findingsOf, play } from '../../src/explore/index.ts';
import { faults } from '../../src/faults/index.ts';

const PLANS = 6;

describe.each(faults.map(({ kind }) => kind))('%s', (kind) => {
  test(`is felt in some of ${PLANS} plans, each time told with its evidence, and harms no promise`, async () => {
    let effective = 0;
    for (let nth = 0; nth < PLANS; nth++) {
      const plan = drawPlan(`felt-${nth}`, { kinds: [kind] });
      const played = await play(plan);
      expect(findingsOf(played), plan.seed).toEqual([]);
      const injected = played.faults.filter((line) => line.event === 'inject');
      const healed = played.faults.filter((line) => line.event === 'heal');
      // What was done was undone, each once.
      expect(new Set(healed.map(({ id }) => id))).toEqual(new Set(injected.map(({ id }) => id)));
      expect(healed.length).toBe(injected.length);
      for (const line of injected) {
        expect(line).toMatchObject({ kind, evidence: expect.stringMatching(/\w/) as string });
        expect(line.nodes.length).toBeGreaterThan(0);
      }
      for (const line of healed) expect(line.evidence).toMatch(/\w/);
      effective += healed.filter((line) => line.effective).length;
    }
    expect(effective).toBeGreaterThan(0);
  });
});
