/**
 * Spoils histories of every format and reads them: `npx tsx test/fuzz/readers.ts [files] [seed]`, 10,000 files by default. Prints
 * what came of each way to spoil them, and ends with 1 at the first file that a reader gets wrong.
 */
import { keyed } from '../../src/base/random.ts';
import { faultOf, spoiledFile } from '../checker/history/mutated-files.ts';

const files = Number(process.argv[2] ?? 10_000);
const seed = process.argv[3] ?? 'fuzz';
const counts = new Map<string, number>();

for (let i = 0; i < files; i++) {
  const random = keyed(seed, i);
  const file = spoiledFile(random);
  const fault = faultOf(random, file);
  counts.set(file.how, (counts.get(file.how) ?? 0) + 1);
  if (fault === undefined) continue;
  console.error(`file ${i} of seed ${seed} (${file.format}, ${file.how}): ${fault}`);
  console.error(`replay: npx tsx test/fuzz/readers.ts ${i + 1} ${seed}`);
  console.error(Buffer.from(file.bytes).toString('latin1').slice(0, 2000));
  process.exit(1);
}

for (const [how, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${how.padEnd(16)} ${count}`);
console.log(`${files} spoiled files of seed ${seed}: each refused by its line, or a history none the less`);
