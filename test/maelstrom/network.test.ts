/** The network of messages: what is cut is lost in that direction only, what is late stays in order, clients reach everybody. */
import { setTimeout as sleepMs } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cutMessages, disturbMessages } from '../../src/maelstrom/faults.ts';
import type { Message } from '../../src/maelstrom/message.ts';
import { MessageNetwork } from '../../src/maelstrom/network.ts';

let network: MessageNetwork;
const heard: Message[] = [];

beforeEach(() => {
  heard.length = 0;
  network = new MessageNetwork(() => performance.now());
  for (const node of ['n1', 'n2', 'n3']) network.addNode(node, (message) => heard.push(message));
});

afterEach(() => network.close());

const say = (src: string, dest: string, n = 0): void => network.send({ src, dest, body: { type: 'say', n } });
const told = (): readonly string[] => heard.map(({ src, dest, body }) => `${src} ${dest} ${JSON.stringify(body['n'])}`);

test('messages arrive at once; those between the sides of a cut do not, until it is healed', async () => {
  say('n1', 'n2', 1);
  const cut = cutMessages(network, [{ from: 'n1', to: 'n2' }]);
  for (const [src, dest] of [
    ['n1', 'n2'],
    ['n2', 'n1'],
    ['n1', 'n3'],
    ['n1', 'n1'],
  ] as const)
    say(src, dest, 2);
  expect(told()).toEqual(['n1 n2 1', 'n2 n1 2', 'n1 n3 2', 'n1 n1 2']);
  expect(await cut.heal()).toEqual({ effective: true, evidence: '1 messages lost on 1 of 1 links' });
  say('n1', 'n2', 3);
  expect(told().at(-1)).toBe('n1 n2 3');
});

test('a link that two faults cut is whole when both are over, and a cut over which nobody spoke showed nothing', async () => {
  const cuts = [0, 1].map(() => cutMessages(network, [{ from: 'n1', to: 'n2' }]));
  expect(await cuts[0]!.heal()).toMatchObject({ effective: false });
  say('n1', 'n2', 1);
  expect(told()).toEqual([]);
  expect(await cuts[1]!.heal()).toMatchObject({ effective: true });
  say('n1', 'n2', 2);
  expect(told()).toEqual(['n1 n2 2']);
});

test('late messages arrive later and in order, also those that were sent when the link was well again', async () => {
  const slow = disturbMessages(network, [{ from: 'n1', to: 'n2' }], { kind: 'delay', delayMs: 40 });
  const beganMs = performance.now();
  for (let n = 1; n <= 50; n++) {
    say('n1', 'n2', n);
    say('n2', 'n1', n);
    if (n % 10 === 0) await sleepMs(3);
  }
  expect(heard.filter(({ dest }) => dest === 'n2')).toEqual([]);
  expect(await slow.heal()).toEqual({ effective: true, evidence: '50 messages late on 1 of 1 links' });
  for (let n = 51; n <= 60; n++) say('n1', 'n2', n);
  const arrived = new Promise<number>((resolve) => {
    network.addNode('n2', (message) => {
      heard.push(message);
      if (message.body['n'] === 60) resolve(performance.now() - beganMs);
    });
  });
  expect(await arrived).toBeGreaterThanOrEqual(39);
  expect(heard.filter(({ dest }) => dest === 'n2').map(({ body }) => body['n'])).toEqual(
    Array.from({ length: 60 }, (_none, i) => i + 1),
  );
});

test('a link can deliver everything twice, or lose a message now and then', async () => {
  const twice = disturbMessages(network, [{ from: 'n1', to: 'n2' }], { kind: 'duplicate' });
  say('n1', 'n2', 1);
  expect(told()).toEqual(['n1 n2 1', 'n1 n2 1']);
  expect(await twice.heal()).toEqual({ effective: true, evidence: '1 messages twice on 1 of 1 links' });
  const reset = disturbMessages(network, [{ from: 'n1', to: 'n2' }], { kind: 'reset', everyMs: 60_000 });
  for (const n of [2, 3, 4]) say('n1', 'n2', n);
  expect(told().slice(2)).toEqual(['n1 n2 3', 'n1 n2 4']);
  expect(await reset.heal()).toEqual({ effective: true, evidence: '1 messages lost on 1 of 1 links' });
});

test('clients reach every node whatever is cut, and are told of one that is down', () => {
  const answers: Message[] = [];
  const client = network.addClient((message) => answers.push(message));
  network.cut([
    { from: 'n1', to: 'n2' },
    { from: 'n2', to: 'n1' },
  ]);
  expect(network.ask({ src: client, dest: 'n1', body: { type: 'read', msg_id: 1 } })).toBe(true);
  network.send({ src: 'n1', dest: client, body: { type: 'read_ok', in_reply_to: 1 } });
  expect([heard.length, answers.length]).toEqual([1, 1]);
  network.removeNode('n1');
  expect(network.ask({ src: client, dest: 'n1', body: { type: 'read', msg_id: 2 } })).toBe(false);
});

test('whoever asks somebody that there is not gets error 1; an answer to a client that is gone is dropped', () => {
  network.send({ src: 'n1', dest: 'lin-kv', body: { type: 'read', msg_id: 7, key: 'x' } });
  expect(heard.map(({ dest, body }) => [dest, body.in_reply_to, body['code']])).toEqual([['n1', 7, 1]]);
  network.send({ src: 'n1', dest: 'c99', body: { type: 'read_ok', in_reply_to: 3 } });
  expect(heard).toHaveLength(1);
});
