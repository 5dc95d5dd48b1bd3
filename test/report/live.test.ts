/** The lines of a run under way: everything that point 26 of the report's design names, in six lines at most. */
import { expect, test } from 'vitest';
import { liveCountLines, liveRunLines } from '../../src/report/index.ts';

const RUN = {
  elapsedMs: 5000,
  timeMs: 20_000,
  ok: 12_345,
  fail: 20,
  unknown: 3,
  perSecond: 1240.4,
  latencyMs: { p50: 1.24, p99: 45.6 },
  roles: [
    { node: 'n2', role: 'follower', term: 4 },
    { node: 'n1', role: 'leader', term: 3 },
    { node: 'n3', role: 'leader', term: 4 },
    { node: 'n4', role: 'follower', term: 4 },
  ],
  faults: ['Partition: n1 cut off from n2 n3 n4'],
};

test('progress, rate, unknowns, latencies, roles with their terms, the fault', () => {
  expect(liveRunLines(RUN)).toEqual([
    `  ${'█'.repeat(8)}${'░'.repeat(24)} 5.0 / 20 s`,
    '  ops      12,345 ok (1,240/s)   20 failed   3 unknown',
    '  latency  p50 1.2 ms   p99 46 ms',
    '  nodes    leader n3 (term 4), follower n2 n4, leader n1 (term 3)',
    '  fault    Partition: n1 cut off from n2 n3 n4',
  ]);
});

test('however many faults hold, six lines', () => {
  const lines = liveRunLines({ ...RUN, faults: ['a', 'b', 'c', 'd'] });
  expect(lines.slice(4)).toEqual(['  fault    a', '           b, and 2 more']);
});

test('what is not known is left out or said', () => {
  const lines = liveRunLines({ ...RUN, latencyMs: null, roles: [], faults: [] });
  expect(lines.slice(2)).toEqual(['  latency  no answer lately', '  fault    none']);
});

test('of many things: how many are done, and what is under way', () => {
  expect(liveCountLines({ done: 150, all: 1200, words: '3 ✕', now: 'M30' })).toEqual([
    `  ${'█'.repeat(4)}${'░'.repeat(28)} 150 of 1,200`,
    '  3 ✕',
    '  now      M30',
  ]);
});
