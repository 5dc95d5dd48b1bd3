/** What a bad link does to messages that still arrive, seen from the receiver. */
import { expect, test } from 'vitest';
import { LinkTroubles } from '../../src/sim/link-troubles.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

const LINK = { from: 'a', to: 'b' };
const NS_PER_MS = 1_000_000;

class Receiver {
  readonly clock: VirtualClock = new VirtualClock();
  readonly troubles: LinkTroubles;
  /** `message at ms`, in the order of arrival. */
  readonly got: string[] = [];
  readonly resets: number[] = [];

  constructor(seed = 'bad link') {
    this.troubles = new LinkTroubles(this.clock, seed);
  }

  disturb(...[trouble]: [Parameters<LinkTroubles['disturb']>[1]]): this {
    this.troubles.disturb([LINK], trouble, () => {
      this.resets.push(this.clock.nowNs() / NS_PER_MS);
      return true;
    });
    return this;
  }

  arrive(...messages: readonly number[]): this {
    for (const message of messages) {
      this.troubles.receive(LINK, Uint8Array.of(message), (payload) =>
        this.got.push(`${payload[0]} at ${this.clock.nowNs() / NS_PER_MS}`),
      );
    }
    return this;
  }

  run(ms: number): this {
    const endNs = this.clock.nowNs() + ms * NS_PER_MS;
    while (this.clock.step(endNs));
    return this;
  }
}

test('a delay hands messages over late, in order, and none overtakes when it ends', () => {
  const receiver = new Receiver().disturb({ kind: 'delay', delayMs: 50 }).arrive(1).run(10).arrive(2).run(10);
  receiver.troubles.calm([LINK]);
  receiver.arrive(3).run(100).arrive(4);
  expect(receiver.got).toEqual(['1 at 50', '2 at 60', '3 at 60', '4 at 120']);
  expect(receiver.troubles.counters(LINK)).toEqual({ delayed: 2, duplicated: 0, resets: 0 });
});

test('a duplicate comes at once and again, at once, among the next messages or after whole rounds', () => {
  const messages = Array.from({ length: 100 }, (_, i) => i);
  const receiver = new Receiver()
    .disturb({ kind: 'duplicate' })
    .arrive(...messages)
    .run(100);
  expect(receiver.got.slice(0, 100)).toEqual(messages.map((i) => `${i} at 0`));
  const copies = receiver.got.slice(100);
  expect(new Set(copies.map((it) => it.split(' ')[0]))).toEqual(new Set(messages.map(String)));
  expect(copies).toHaveLength(100);
  expect(new Set(copies.map((it) => Number(it.split(' at ')[1])))).toEqual(new Set([0, 3, 20, 70]));
});

test('when the copy of a message comes depends on the message, not on those beside it', () => {
  const copiesOf = (messages: readonly number[]): readonly string[] =>
    new Receiver()
      .disturb({ kind: 'duplicate' })
      .arrive(...messages)
      .run(100)
      .got.slice(messages.length);
  const even = [2, 4, 6, 8, 10, 12];
  const all = copiesOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  for (const copy of copiesOf(even)) expect(all).toContain(copy);
});

test('connections end every so often, until the link is calm', () => {
  const receiver = new Receiver().disturb({ kind: 'reset', everyMs: 30 }).run(100);
  receiver.troubles.calm([LINK]);
  receiver.run(100);
  expect(receiver.resets).toEqual([30, 60, 90]);
  expect(receiver.troubles.counters(LINK).resets).toBe(3);
});

test('a reset that is asked for anew takes the place of the one before', () => {
  const receiver = new Receiver().disturb({ kind: 'reset', everyMs: 30 }).run(40);
  receiver.disturb({ kind: 'reset', everyMs: 50 }).run(60);
  expect(receiver.resets).toEqual([30, 90]);
});

test('a cut takes what is held back with it', () => {
  const receiver = new Receiver().disturb({ kind: 'delay', delayMs: 50 }).disturb({ kind: 'duplicate' }).arrive(1);
  receiver.troubles.lose(LINK);
  receiver.run(200);
  expect(receiver.got).toEqual([]);
});

test('one kind of trouble ends without the others, and a link the other way has none', () => {
  const receiver = new Receiver().disturb({ kind: 'delay', delayMs: 50 }).disturb({ kind: 'duplicate' });
  receiver.troubles.calm([LINK], 'delay');
  receiver.arrive(1).run(100);
  expect(receiver.got[0]).toBe('1 at 0');
  expect(receiver.got).toHaveLength(2);
  const there: number[] = [];
  receiver.troubles.receive({ from: 'b', to: 'a' }, Uint8Array.of(7), ([message]) => there.push(message!));
  expect(there).toEqual([7]);
});
