/** From a seed and the faults asked for to literal steps, and what is refused. */
import { expect, test } from 'vitest';
import { drawSteps, parseFaults } from '../../src/faults/index.ts';
import type { FaultStep } from '../../src/contract/index.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const SEEDS = Array.from({ length: 100 }, (_, i) => String(i));

function draw(seed: string, faults: string, timeMs: number): readonly FaultStep[] {
  return drawSteps(seed, parseFaults(faults), { nodes: NODES, timeMs });
}

function count(steps: readonly FaultStep[], kind: string): number {
  return steps.filter((step) => step.kind === kind).length;
}

test('the same seed draws the same steps, another seed others', () => {
  expect(draw('a', 'pause,kill,partition', 20_000)).toEqual(draw('a', 'pause,kill,partition', 20_000));
  expect(draw('b', 'pause,kill,partition', 20_000)).not.toEqual(draw('a', 'pause,kill,partition', 20_000));
});

test.each([10_000, 15_000, 20_000])('in %i ms every kind comes at least twice', (timeMs) => {
  for (const seed of SEEDS) {
    const steps = draw(seed, 'pause,kill,partition', timeMs);
    for (const kind of ['pause', 'kill', 'partition']) expect(count(steps, kind)).toBeGreaterThanOrEqual(2);
  }
});

test('in 5 s every kind comes at least once', () => {
  for (const seed of SEEDS) {
    const steps = draw(seed, 'pause,kill,partition', 5000);
    for (const kind of ['pause', 'kill', 'partition']) expect(count(steps, kind)).toBeGreaterThanOrEqual(1);
  }
});

test('no fault in the first second, and none that lasts by plan into the last moments', () => {
  for (const seed of SEEDS) {
    for (const { atMs, forMs } of draw(seed, 'pause,kill,partition', 20_000)) {
      expect(atMs).toBeGreaterThanOrEqual(1000);
      expect(atMs + forMs).toBeLessThanOrEqual(18_500);
    }
  }
});

test('steps do not overlap by plan, are numbered in order of time and last longer than an election timeout', () => {
  for (const seed of SEEDS) {
    const steps = draw(seed, 'pause,kill,partition', 20_000);
    expect(steps.map(({ id }) => id)).toEqual(steps.map((_, i) => i + 1));
    steps.forEach(({ atMs, forMs, maxMs }, i) => {
      expect(forMs).toBeGreaterThanOrEqual(800);
      expect(forMs).toBeLessThanOrEqual(2500);
      expect(maxMs).toBeGreaterThanOrEqual(forMs);
      if (i > 0) expect(atMs).toBeGreaterThan(steps[i - 1]!.atMs + steps[i - 1]!.forMs);
    });
  }
});

test('a fault of the leader waits for its stale window, unless it kills what it could be asked', () => {
  for (const seed of SEEDS) {
    for (const { kind, target, heal, forMs, maxMs } of draw(seed, 'pause,kill,partition', 60_000)) {
      const waits = target === 'leader' && kind !== 'kill';
      expect(heal).toBe(waits ? 'stale-window' : 'time');
      if (!waits) expect(maxMs).toBe(forMs);
    }
  }
});

test('where no target is named they take turns, so that the leader is always hit once', () => {
  for (const seed of SEEDS) {
    const steps = draw(seed, 'pause,kill,partition', 20_000);
    const targets = (kind: string): ReadonlySet<string> =>
      new Set(steps.flatMap((step) => (step.kind === kind ? [step.target] : [])));
    expect(targets('pause')).toEqual(new Set(['leader', 'follower']));
    expect(targets('kill')).toEqual(new Set(['leader', 'follower']));
    expect(targets('partition')).toEqual(new Set(['leader', 'any', 'halves']));
  }
});

test('a target that is named is the only one', () => {
  const steps = draw('a', 'pause:leader,kill:majority', 20_000);
  expect(new Set(steps.map(({ kind, target }) => `${kind}:${target}`))).toEqual(
    new Set(['pause:leader', 'kill:majority']),
  );
});

test('a run too short for its faults says how long it would have to be', () => {
  expect(() => draw('a', 'pause,kill', 3000)).toThrow('--time 3s is too short for 2 kinds of fault');
  expect(() => draw('a', 'pause,kill', 4000)).not.toThrow();
});

test('faults are read as they are typed', () => {
  expect(parseFaults('none')).toEqual([]);
  expect(parseFaults('pause, partition:halves')).toEqual([
    { kind: 'pause', target: 'any' },
    { kind: 'partition', target: 'halves' },
  ]);
});

test.each([
  ['pausee', '--faults pausee: no such fault', 'did you mean pause?'],
  [
    '',
    '--faults : no such fault',
    'one of pause, kill, partition, power-loss, slow-link, duplicate, reconnect, slow-disk, disk-full, fsync-error, bit-flip, wipe, clock-rate, clock-jump, membership, transfer, none',
  ],
  ['pause:leadr', '--faults pause:leadr: pause has no such target', 'did you mean leader?'],
  ['kill:halves', '--faults kill:halves: kill has no such target', 'one of any, leader, follower, minority, majority'],
  ['pause:leader:any', '--faults pause:leader:any: pause has no such target', 'did you mean leader?'],
  ['kill,kill', '--faults kill,kill: kill is there twice', 'name it once'],
])('--faults %s is refused in one line', (text, message, hint) => {
  expect(() => parseFaults(text)).toThrow(expect.objectContaining({ code: 'usage', message, hint }));
});

const ALL_KINDS =
  'pause,kill,partition,power-loss,slow-link,duplicate,reconnect,slow-disk,disk-full,fsync-error,bit-flip,wipe,clock-rate,clock-jump';

test('every kind there is can be asked for at once, and each comes at least once in 30 s', () => {
  for (const seed of SEEDS) {
    const steps = draw(seed, ALL_KINDS, 30_000);
    for (const kind of ALL_KINDS.split(',')) expect(count(steps, kind), kind).toBeGreaterThanOrEqual(1);
  }
});

test('how bad a fault is stands in its step', () => {
  const steps = SEEDS.flatMap((seed) => draw(seed, ALL_KINDS, 30_000));
  const amounts = (kind: string, name: 'delayMs' | 'everyMs' | 'rate' | 'jumpMs'): readonly number[] =>
    [...new Set(steps.filter((step) => step.kind === kind).map((step) => step[name]!))].toSorted((a, b) => a - b);
  expect(amounts('clock-rate', 'rate')).toEqual([0.5, 0.8, 1.25, 2]);
  expect(amounts('power-loss', 'delayMs')[1]).toBeGreaterThanOrEqual(50);
  for (const seed of SEEDS) {
    const isSlow = draw(seed, ALL_KINDS, 60_000)
      .filter((step) => step.kind === 'power-loss')
      .map(({ delayMs }) => delayMs! > 0);
    expect(isSlow).toEqual(isSlow.map((_, nth) => nth % 2 === 0));
  }
  for (const [kind, name, least, most] of [
    ['slow-link', 'delayMs', 20, 80],
    ['slow-disk', 'delayMs', 10, 100],
    ['reconnect', 'everyMs', 40, 200],
    ['clock-jump', 'jumpMs', 100, 2000],
  ] as const) {
    const drawn = amounts(kind, name);
    expect([drawn[0]! >= least, drawn.at(-1)! <= most, drawn.length > 20]).toEqual([true, true, true]);
  }
});

test('members are replaced, removed and added in turn', () => {
  for (const seed of SEEDS) {
    const steps = draw(seed, 'membership', 20_000);
    expect(new Set(steps.slice(0, 3).map(({ change }) => change))).toEqual(new Set(['replace', 'remove', 'add']));
  }
});

test.each(['bit-flip', 'wipe'])('a node is lost by %s once a run, late, and for good', (kind) => {
  for (const seed of SEEDS) {
    const steps = draw(seed, `kill,${kind}`, 30_000);
    const losses = steps.filter((step) => step.kind === kind);
    expect(losses).toHaveLength(1);
    expect(losses[0]!.atMs + losses[0]!.forMs).toBe(30_000);
    expect(steps.indexOf(losses[0]!)).toBeGreaterThanOrEqual(steps.length - 2);
  }
});

test('shapes of a partition are asked for as targets', () => {
  expect(parseFaults('partition:ring,partition:one-way,partition:bridge').map(({ target }) => target)).toEqual([
    'ring',
    'one-way',
    'bridge',
  ]);
  expect(() => parseFaults('kill:ring')).toThrow('kill has no such target');
});
