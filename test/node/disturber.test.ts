/** A bad link at the receiver: late and in order, or twice; nothing is lost, unless the link is cut. */
import { expect, test } from 'vitest';
import { poll } from '../../src/cluster/waiting.ts';
import { Disturber } from '../../src/node/disturber.ts';
import { WireError } from '../../src/wire/bytes.ts';

const CALM = { delayMs: 0, duplicate: false, resetEveryMs: 0 };

interface Heard {
  readonly disturber: Disturber;
  readonly heard: { readonly text: string; readonly atMs: number }[];
}

function listen(): Heard {
  const heard: Heard['heard'] = [];
  const disturber = new Disturber((payload) =>
    heard.push({ text: Buffer.from(payload).toString(), atMs: performance.now() }),
  );
  return { disturber, heard };
}

const say = ({ disturber }: Heard, text: string): void => disturber.receive(Buffer.from(text));
const texts = ({ heard }: Heard): string => heard.map(({ text }) => text).join('');
const until = (it: Heard, count: number): Promise<unknown> =>
  poll(() => (it.heard.length >= count ? true : undefined), { everyMs: 2, timeoutMs: 5000 });

test('an undisturbed link hands over at once', () => {
  const it = listen();
  say(it, 'a');
  expect(texts(it)).toBe('a');
  expect(it.disturber.counters()).toEqual({ delayed: 0, duplicated: 0 });
});

test('a slow link is late and keeps the order, also of what comes after it was healed', async () => {
  const it = listen();
  it.disturber.set({ ...CALM, delayMs: 60 });
  const beganMs = performance.now();
  for (const text of 'abc') say(it, text);
  it.disturber.set(CALM);
  say(it, 'd');
  expect(texts(it)).toBe('');
  await until(it, 4);
  expect(texts(it)).toBe('abcd');
  expect(it.heard[0]!.atMs - beganMs).toBeGreaterThanOrEqual(59);
  expect(it.disturber.counters()).toEqual({ delayed: 3, duplicated: 0 });
  say(it, 'e');
  expect(texts(it)).toBe('abcde');
});

test('a repetitive link hands everything over twice, the copies later', async () => {
  const it = listen();
  it.disturber.set({ ...CALM, duplicate: true });
  for (const text of 'abcd') say(it, text);
  expect(texts(it)).toBe('abcd');
  await until(it, 8);
  expect(texts(it).split('').toSorted().join('')).toBe('aabbccdd');
  expect(it.disturber.counters()).toEqual({ delayed: 0, duplicated: 4 });
});

test('a cut loses what was under way', async () => {
  const it = listen();
  it.disturber.set({ delayMs: 20, duplicate: true, resetEveryMs: 0 });
  say(it, 'lost');
  it.disturber.lose();
  it.disturber.set({ ...CALM, delayMs: 120 });
  say(it, 'later');
  await until(it, 1);
  expect(texts(it)).toBe('later');
});

test('a late message that cannot be read ends nothing', async () => {
  let tries = 0;
  const disturber = new Disturber(() => {
    tries++;
    throw new WireError('nonsense');
  });
  disturber.set({ ...CALM, delayMs: 1 });
  disturber.receive(Buffer.from('x'));
  await poll(() => (tries > 0 ? true : undefined), { everyMs: 2, timeoutMs: 5000 });
  expect(tries).toBe(1);
});
