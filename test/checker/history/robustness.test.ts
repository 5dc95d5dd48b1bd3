/**
 * Spoiled files of every format: an error with its line, or a history that is one. `READER_FILES=10000` runs more than the share
 * that every test run has, `READER_SEED` others; `test/fuzz/readers.ts` does so from the command line.
 */
import { expect, test } from 'vitest';
import { keyed } from '../../../src/base/random.ts';
import { faultOf, spoiledFile } from './mutated-files.ts';

const SEED = process.env['READER_SEED'] ?? 'readers';
const FILES = Number(process.env['READER_FILES'] ?? 2000);

test(`${FILES} spoiled files are refused by their line, or are histories none the less`, () => {
  const seen = new Map<string, number>();
  for (let i = 0; i < FILES; i++) {
    const random = keyed(SEED, i);
    const file = spoiledFile(random);
    seen.set(file.how, (seen.get(file.how) ?? 0) + 1);
    const fault = faultOf(random, file);
    if (fault === undefined) continue;
    const replay = `READER_SEED=${SEED} READER_FILES=${i + 1} npx vitest run --config test/vitest.config.ts test/checker/history/robustness.test.ts`;
    expect.fail(
      `file ${i} (${file.format}, ${file.how}): ${fault}\nreplay: ${replay}\n${Buffer.from(file.bytes).toString('latin1').slice(0, 2000)}`,
    );
  }
  expect(seen.size).toBeGreaterThanOrEqual(15);
});
