/** The worked example of an adapter tells the truth about what it does not know: what every adapter has to. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { completed } from '../../src/cli/adapter-file.ts';
import type { ClientOptions, Place, Session } from '../../src/contract/index.ts';
import { connectRoaming } from '../../src/systems/index.ts';
import { system } from '../programs/lagging-register-system.ts';
import { startSystem, type Started } from './one-system.ts';
import { silentRelay } from './silent-relay.ts';

const EXAMPLE = completed(system);
const OPTIONS: ClientOptions = {
  name: 'test',
  entry: 'n1',
  pinned: false,
  reads: 'primary',
  attemptTimeoutMs: 500,
  seed: 'example',
};
const write = (key: string, value: number) => ({ f: 'write', key, value });
const read = (key: string) => ({ f: 'read', key, value: null });

let started: Started;
beforeAll(async () => {
  started = await startSystem(EXAMPLE);
});
afterAll(() => started.stop());

const session = (node: string, place: Place = started.place): Session => EXAMPLE.session(node, place, OPTIONS);

test('a connection that is cut after the send leaves it open whether the write was done: it was, once', async () => {
  const relay = await silentRelay(started.place.listen('n1', 'client'));
  const cut = session('n1', { ...started.place, listen: () => relay.endpoint });
  try {
    expect(await cut.ask(write('a', 1), 2000)).toMatchObject({ kind: 'ok' });
    relay.silence();
    expect(await cut.ask(write('a', 2), 2000)).toMatchObject({ kind: 'unknown' });
    expect(await cut.ask({ f: 'cas', key: 'b', value: [null, 3] }, 2000)).toMatchObject({ kind: 'unknown' });
    // A second time it would have been answered "no", and said so.
    expect(await session('n1').ask({ f: 'cas', key: 'b', value: [3, 4] }, 2000)).toMatchObject({ output: true });
    expect(await session('n1').ask(read('a'), 2000)).toMatchObject({ output: 2 });
  } finally {
    await relay.close();
  }
});

test('a replica refuses writes and names the primary, where nobody listens nothing was done, and a mismatch is said', async () => {
  expect(await session('n2').ask(write('c', 1), 2000)).toEqual({
    kind: 'refused',
    error: 'not the primary',
    leader: 'n1',
  });
  const nowhere = await silentRelay(started.place.listen('n1', 'client'));
  await nowhere.close();
  const { listen } = started.place;
  const place: Place = {
    ...started.place,
    listen: (node, port) => (node === 'n1' ? nowhere.endpoint : listen(node, port)),
  };
  expect(await session('n1', place).ask(write('c', 1), 2000)).toEqual({ kind: 'refused', error: 'ECONNREFUSED' });
  const client = connectRoaming(EXAMPLE, started.place, { ...OPTIONS, entry: 'n3' });
  expect(await client.invoke(write('c', 5), 2000)).toMatchObject({ kind: 'ok', from: { node: 'n1' } });
  expect(await client.invoke({ f: 'cas', key: 'c', value: [6, 7] }, 2000)).toMatchObject({
    kind: 'fail',
    error: 'mismatch',
  });
  await client.close();
});
