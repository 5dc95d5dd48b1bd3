/** What a power loss may take: each unsynced sector, size and folder change by itself, and nothing else. */
import { expect, test } from 'vitest';
import { fateOf, folderAfterPowerLoss, type FolderChange, type UnsyncedFile } from '../../src/base/power-loss.ts';
import { keyed } from '../../src/base/random.ts';

const SEEDS = Array.from({ length: 400 }, (_, i) => String(i));

/** Every outcome over many seeds, once each. */
function outcomes(draw: (random: ReturnType<typeof keyed>) => string): readonly string[] {
  return [...new Set(SEEDS.map((seed) => draw(keyed(seed))))].toSorted();
}

const file = (it: Partial<UnsyncedFile>): UnsyncedFile => ({ durableBytes: 0, sizes: [0], writtenBytes: 0, ...it });

test('each unsynced sector is old or new by itself', () => {
  const lost = outcomes((random) =>
    fateOf(file({ durableBytes: 1024, writtenBytes: 2100, sizes: [4096] }), random)
      .lost.map(({ from }) => from)
      .join(),
  );
  expect(lost).toEqual(['', '1024', '1024,1536', '1024,1536,2048', '1024,2048', '1536', '1536,2048', '2048']);
});

test('the durable part of a sector stays when the rest of it goes', () => {
  const lost = outcomes((random) =>
    JSON.stringify(fateOf(file({ durableBytes: 700, writtenBytes: 710 }), random).lost),
  );
  expect(lost).toEqual(['[]', '[{"from":700,"to":1024}]']);
});

test('nothing is lost where everything is synced', () => {
  expect(
    outcomes((random) =>
      String(fateOf(file({ durableBytes: 900, writtenBytes: 900, sizes: [1024] }), random).sizeBytes),
    ),
  ).toEqual(['1024']);
  const aligned = outcomes((random) =>
    String(fateOf(file({ durableBytes: 1024, writtenBytes: 1024 }), random).lost.length),
  );
  expect(aligned).toEqual(['0']);
});

test('a file has one of the sizes that it had since its last fsync', () => {
  expect(outcomes((random) => String(fateOf(file({ sizes: [0, 512, 9000] }), random).sizeBytes))).toEqual([
    '0',
    '512',
    '9000',
  ]);
});

test('each change of the folder happened or not, by itself', () => {
  const durable = new Map([['old', 1]]);
  const changes: readonly FolderChange<number>[] = [
    { kind: 'create', name: 'new', file: 2 },
    { kind: 'rename', from: 'new', to: 'old', file: 2 },
  ];
  const seen = outcomes((random) => {
    const { folder, lostChanges } = folderAfterPowerLoss(durable, changes, random);
    return `${[...folder]
      .map(([name, id]) => `${name}=${id}`)
      .toSorted()
      .join(' ')} lost ${lostChanges}`;
  });
  expect(seen).toEqual(['new=2 old=1 lost 1', 'old=1 lost 2', 'old=2 lost 0', 'old=2 lost 1']);
});
