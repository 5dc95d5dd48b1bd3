/** A client made of sessions that are anybody's: what they refuse is asked elsewhere, what they leave open is not asked again. */
import { expect, test } from 'vitest';
import type { ClientOptions, Completion, Refusal, Session } from '../../src/contract/index.ts';
import { roamingClient } from '../../src/systems/index.ts';

const READ = { f: 'read', key: 'x', value: null };
const WRITE = { f: 'write', key: 'x', value: 1 };
const OPTIONS: ClientOptions = { name: 'c', entry: 'n1', pinned: false, reads: 'all', attemptTimeoutMs: 50, seed: 's' };

type Ask = Session['ask'];

/** The nodes that were asked, in order; each answers as its function says. */
function clientOf(nodes: Readonly<Record<string, Ask>>, options: Partial<ClientOptions> = {}) {
  const asked: string[] = [];
  const client = roamingClient(Object.keys(nodes), { ...OPTIONS, ...options }, (node) => ({
    ask: (call, timeoutMs) => {
      asked.push(node);
      return nodes[node]!(call, timeoutMs);
    },
    close: async () => {},
  }));
  return { client, asked };
}

const says =
  (completion: Completion | Refusal): Ask =>
  () =>
    Promise.resolve(completion);
const ok = says({ kind: 'ok', output: 7 });
const never: Ask = () => new Promise(() => {});

test('a refusal is taken to the node that was named, or to the next one', async () => {
  const named = clientOf({ n1: says({ kind: 'refused', error: 'no', leader: 'n3' }), n2: never, n3: ok });
  expect(await named.client.invoke(WRITE, 1000)).toMatchObject({ kind: 'ok' });
  expect([named.asked, named.client.target]).toEqual([['n1', 'n3'], 'n3']);
  const circle = clientOf({ n1: says({ kind: 'refused', error: 'no' }), n2: ok, n3: never });
  await circle.client.invoke(WRITE, 1000);
  expect(circle.asked).toEqual(['n1', 'n2']);
});

test('a write of unknown outcome is never sent again, a read is', async () => {
  const lost = says({ kind: 'unknown', error: 'lost' });
  const write = clientOf({ n1: lost, n2: ok });
  expect(await write.client.invoke(WRITE, 1000)).toEqual({ kind: 'unknown', error: 'lost' });
  expect(write.asked).toEqual(['n1']);
  const read = clientOf({ n1: lost, n2: ok });
  expect(await read.client.invoke(READ, 1000)).toMatchObject({ kind: 'ok', output: 7 });
});

test('a pinned client stays, and what it was refused to the end is a proven failure', async () => {
  const { client, asked } = clientOf({ n1: says({ kind: 'refused', error: 'no' }), n2: ok }, { pinned: true });
  expect(await client.invoke(READ, 60)).toEqual({ kind: 'fail', error: 'no', from: { node: 'n1' } });
  expect(new Set(asked)).toEqual(new Set(['n1']));
});

test('a session that throws, or never answers, leaves its operation unknown', async () => {
  const throwing = clientOf({ n1: () => Promise.reject(new Error('a typo')) });
  expect(await throwing.client.invoke(WRITE, 20)).toEqual({ kind: 'unknown', error: 'the client threw: a typo' });
  const thrown = clientOf({ n1: () => JSON.parse('{') as never });
  expect(await thrown.client.invoke(WRITE, 20)).toMatchObject({
    kind: 'unknown',
    error: expect.stringMatching(/^the client threw: /) as string,
  });
  const stuck = clientOf({ n1: never });
  expect(await stuck.client.invoke(WRITE, 20)).toEqual({ kind: 'unknown', error: 'the client did not answer in time' });
});

test('times are whole milliseconds', async () => {
  const times: number[] = [];
  const ask: Ask = (_call, timeoutMs) => {
    times.push(timeoutMs);
    return Promise.resolve({ kind: 'refused', error: 'no' });
  };
  await clientOf({ n1: ask }).client.invoke(WRITE, 50.5);
  expect(times.length).toBeGreaterThan(1);
  expect(times.filter((ms) => !Number.isInteger(ms))).toEqual([]);
});
