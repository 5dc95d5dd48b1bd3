/** From flags to a plan and back to the command line. */
import { expect, test } from 'vitest';
import { commandFor, makePlan, type PlanFlags } from '../../src/run/index.ts';
import { CAPABILITIES } from '../../src/cluster/process-cluster.ts';
import { ALL_CAN, planOf } from './world.ts';

test('without flags: five nodes, ten clients, five keys, 20 s under all faults', () => {
  expect(planOf()).toMatchObject({
    system: 'raft',
    nodes: 5,
    clients: 10,
    keys: 5,
    timeMs: 20_000,
    workload: 'cas-register',
    reads: 'read-index',
    rate: null,
    mutant: null,
    requested: [
      { kind: 'pause', target: 'any' },
      { kind: 'kill', target: 'any' },
      { kind: 'partition', target: 'any' },
    ],
  });
});

test('a plan is plain JSON, and equal flags give equal plans', () => {
  expect(JSON.parse(JSON.stringify(planOf()))).toEqual(planOf());
});

test.each<[keyof PlanFlags, string, string, string]>([
  ['nodes', '0', '--nodes 0: not a number of this kind', 'a whole number from 1 to 9'],
  ['nodes', '2.5', '--nodes 2.5: not a number of this kind', 'a whole number from 1 to 9'],
  ['nodes', '10', '--nodes 10: not a number of this kind', 'a whole number from 1 to 9'],
  ['clients', '-1', '--clients -1: not a number of this kind', 'a whole number from 1 to 1000'],
  ['keys', 'many', '--keys many: not a number of this kind', 'a whole number from 1 to 10000'],
  ['time', '5', '--time 5: not a duration', 'write a number and a unit: 500ms, 20s or 2m'],
  ['time', '25h', '--time 25h: out of range', 'from 100ms to 24h'],
  ['system', 'etcdd', '--system etcdd: no such system', 'one of raft'],
  ['reads', 'locall', '--reads locall: no such reads', 'did you mean local?'],
  ['workload', 'registr', '--workload registr: no such workload', 'did you mean register?'],
  [
    'faults',
    'slow',
    '--faults slow: no such fault',
    'one of pause, kill, partition, power-loss, slow-link, duplicate, reconnect, slow-disk, disk-full, fsync-error, bit-flip, wipe, clock-rate, clock-jump, membership, transfer, none',
  ],
  ['rate', 'fast', '--rate fast: not a rate', 'operations per second over all clients: 200/s'],
  ['rate', '0', '--rate 0: not a rate', 'operations per second over all clients: 200/s'],
  ['mutant', 'M31', '--mutant M31: no such mutant', 'did you mean M30?'],
  ['seed', '', '--seed is empty or too long', 'any string of 1 to 200 characters'],
])('--%s %s is refused in one line', (flag, value, message, hint) => {
  expect(() => planOf({ [flag]: value })).toThrow(expect.objectContaining({ code: 'usage', message, hint }));
});

test('a fault that the cluster cannot do is refused by name', () => {
  const can = new Set(['pause', 'kill'] as const);
  expect(() => makePlan({ seed: 'a' }, { can, mutants: [] })).toThrow(
    '--faults partition: this cluster cannot do that',
  );
  expect(() => makePlan({ seed: 'a', faults: 'pause,kill' }, { can, mutants: [] })).not.toThrow();
  expect(() => makePlan({ seed: 'a', faults: 'fsync-error' }, { can: CAPABILITIES, mutants: [] })).toThrow(
    '--faults fsync-error: this cluster cannot do that',
  );
});

test('one node cannot be partitioned', () => {
  expect(() => planOf({ nodes: '1', faults: 'partition' })).toThrow(/nobody to be cut off from/);
  expect(() => planOf({ nodes: '1', faults: 'kill' })).not.toThrow();
});

test('the command names what is not at its default, and the seed', () => {
  expect(commandFor(planOf({ seed: '4' }), 'ok')).toBe('npx stalemate run --seed 4');
  const flags = { seed: '4', reads: 'local', faults: 'pause,partition:leader', time: '15s', rate: '50', mutant: 'M30' };
  expect(commandFor(planOf(flags), 'violation')).toBe(
    'npx stalemate run --reads local --faults pause,partition:leader --time 15s --rate 50/s --mutant M30 --expect violation --seed 4',
  );
  const slow = makePlan({ seed: 'a', faults: 'none' }, { can: ALL_CAN, mutants: [], electionTimeoutMs: [500, 1000] });
  expect(commandFor(slow, 'ok')).toBe('npx stalemate run --faults none --election-timeout 500ms-1s --seed a');
});

test('a seed that a shell would take apart is quoted', () => {
  expect(commandFor(planOf({ seed: "it's $1" }), 'ok')).toBe(String.raw`npx stalemate run --seed 'it'\''s $1'`);
  expect(commandFor(planOf({ seed: '-x' }), 'ok')).toBe('npx stalemate run --seed=-x');
});

test('a workload without reads goes through the log, and says so where another way of reading is asked for', () => {
  expect(planOf({ workload: 'lock' }).reads).toBe('log');
  expect(planOf({ workload: 'queue', reads: 'log' }).reads).toBe('log');
  expect(planOf({ workload: 'counter', reads: 'local' }).reads).toBe('local');
  expect(() => planOf({ workload: 'queue', reads: 'local' })).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: '--reads local: the workload queue has no reads',
      hint: 'leave it out: all its operations go through the log',
    }),
  );
  expect(commandFor(planOf({ workload: 'lock', seed: '4' }), 'ok')).toBe(
    'npx stalemate run --workload lock --reads log --seed 4',
  );
});

test('a fault of the leader waits for its stale window only where something is read', () => {
  const heals = (workload: string): readonly string[] =>
    planOf({ workload, faults: 'partition:leader' }).steps.map(({ heal }) => heal);
  expect(new Set(heals('set'))).toEqual(new Set(['stale-window']));
  expect(new Set(heals('queue'))).toEqual(new Set(['time']));
});

test('leases rest on clocks: their rates stay within the declared drift, and a jump is refused', () => {
  const planFor = (reads: string, faults: string): ReturnType<typeof makePlan> =>
    makePlan({ seed: 'a', reads, faults, time: '60s' }, { can: new Set([...ALL_CAN, 'clock' as const]), mutants: [] });
  const ratesOf = (reads: string): readonly (number | undefined)[] =>
    planFor(reads, 'clock-rate').steps.map(({ rate }) => rate);
  expect(new Set(ratesOf('lease'))).toEqual(new Set([0.95, 1.05]));
  expect(new Set(ratesOf('read-index'))).toEqual(new Set([0.5, 0.8, 1.25, 2]));
  expect(() => planFor('lease', 'kill,clock-jump')).toThrow(/leases promise nothing/);
});
