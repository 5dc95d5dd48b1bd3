import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

test('three replicas elect a leader and a write at it is read at all', () => {
  const cluster = Cluster.started();
  const leader = cluster.leader();
  expect(cluster.write(leader, 'x', 5)).toMatchObject({ kind: 'result', output: null });
  expect(cluster.request(leader, { kind: 'read', mode: 'read-index', key: 'x' })).toMatchObject({ output: 5 });
  expect(cluster.request(leader, { kind: 'read', mode: 'log', key: 'x' })).toMatchObject({ output: 5 });
});
