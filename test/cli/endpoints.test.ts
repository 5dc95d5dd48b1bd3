/** `--endpoints` and `--fault-cmd`, as they are read. */
import { expect, test } from 'vitest';
import { StalemateError } from '../../src/base/errors.ts';
import { endpointsOf, faultCommandsOf } from '../../src/cli/endpoints.ts';

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof StalemateError && error.code === 'usage') return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

test('endpoints are hosts with ports, in the order of the nodes', () => {
  expect(endpointsOf('127.0.0.1:2379, db-2.example.org:2380,[::1]:80')).toEqual([
    { host: '127.0.0.1', port: 2379 },
    { host: 'db-2.example.org', port: 2380 },
    { host: '[::1]', port: 80 },
  ]);
  for (const odd of ['', 'localhost', 'a:0', 'a:65536', 'a:1,', 'http://a:1', 'a b:1', '$(x):1'])
    expect(refusalOf(() => endpointsOf(odd))).toMatch(/^--endpoints .*: no host:port$/);
  expect(refusalOf(() => endpointsOf('a:1,b:2,a:1'))).toBe('--endpoints: a:1 stands twice');
});

test('each harm has its cure behind it', () => {
  const words = ['pause=stop {node}', 'heal=go {node}', 'cut=drop {from} {to}', 'heal=keep {from} {to}'];
  expect(faultCommandsOf(words)).toEqual([
    { kind: 'pause', harm: 'stop {node}', heal: 'go {node}' },
    { kind: 'cut', harm: 'drop {from} {to}', heal: 'keep {from} {to}' },
  ]);
  expect(faultCommandsOf([])).toEqual([]);
});

test.each([
  [['pause=stop {node}'], 'pause= has no heal= behind it'],
  [['pause=stop {node}', 'kill=end {node}'], 'pause= has no heal= behind it'],
  [['heal=go {node}', 'pause=stop {node}'], 'heal=: no such fault'],
  [['stop={node}', 'heal={node}'], 'stop=: no such fault'],
  [['pause', 'heal=go {node}'], 'pause: no name=command'],
  [['pause= ', 'heal=go {node}'], 'pause= : no name=command'],
  [['pause=stop {node}', 'heal=go {from}'], 'pause= has no {from}'],
  [['pause=stop all', 'heal=go {node}'], 'pause: "stop all" names nobody'],
  [['pause=a {node}', 'heal=b {node}', 'pause=a {node}', 'heal=b {node}'], 'pause= stands twice'],
])('%j: %s', (words, reason) => {
  expect(refusalOf(() => faultCommandsOf(words))).toBe(`--fault-cmd ${reason}`);
});
