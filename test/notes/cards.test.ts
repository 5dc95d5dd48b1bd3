/** Every answer rests on its experiment: it comes out as expected, and with its decisive rule broken it does not. */
import { expect, test } from 'vitest';
import { experiments } from '../../src/notes/index.ts';
import { MUTANTS } from '../../src/raft/rules.ts';
import { conclude } from './results.ts';

const failing = (claims: readonly { readonly words: string; readonly holds: boolean; readonly measured: string }[]) =>
  claims.filter(({ holds }) => !holds).map(({ words, measured }) => `${words}: ${measured}`);

test('there is one for each of the 24 notes', () => {
  const ids = Array.from({ length: 24 }, (_, nth) => `S${String(nth + 1).padStart(2, '0')}`);
  expect(experiments.map(({ id }) => id).toSorted()).toEqual(ids);
  expect(experiments[0]!.id).toBe('S20');
});

for (const experiment of experiments) {
  const { id, decisive } = experiment;

  test(`${id} comes out as expected`, async () => {
    const { claims, figures, answer, show } = await conclude(experiment, null);
    expect(claims.length).toBeGreaterThan(1);
    expect(failing(claims)).toEqual([]);
    expect(figures.length).toBeGreaterThanOrEqual(2);
    expect(figures.length).toBeLessThanOrEqual(4);
    expect(sentencesIn(answer), answer).toBeLessThanOrEqual(2);
    expect(show.length).toBeGreaterThanOrEqual(1);
  });

  test(`${id} does not with ${decisive} (${MUTANTS[decisive]!.name}) in the place of the correct node`, async () => {
    const { claims } = await conclude(experiment, decisive);
    // A story that could not be told has shown nothing, and is not what an answer rests on.
    expect(failing(claims).filter((it) => !it.startsWith('every run of the arm'))).not.toEqual([]);
  });
}

function sentencesIn(text: string): number {
  return text.split(/[.?!](?:\s|$)/).filter((it) => it.trim() !== '').length;
}
