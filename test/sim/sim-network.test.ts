/** What links do to frames, and what an end of a connection learns. */
import { describe, expect, test } from 'vitest';
import { dial } from '../../src/sim/connection.ts';
import type { Inbound, Outbound } from '../../src/sim/ends.ts';
import { SimNetwork, type LinkOptions } from '../../src/sim/sim-network.ts';
import { CALM_LINK } from '../../src/sim/sim.ts';
import { VirtualClock } from '../../src/sim/virtual-clock.ts';

const DATAGRAMS: LinkOptions = { ...CALM_LINK, kind: 'datagram' };

/** A place that accepts every call, and what arrived at it and at its caller. */
class Line {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: SimNetwork;
  readonly arrived: number[] = [];
  readonly events: string[] = [];
  callee: Inbound | undefined;
  readonly caller: Outbound;

  constructor(link: LinkOptions, options: { readonly seed?: string; readonly listening?: boolean } = {}) {
    this.network = new SimNetwork(this.clock, options.seed ?? 'line');
    if (options.listening ?? true) this.listen();
    this.caller = dial({
      network: this.network,
      from: 'a',
      to: 'b',
      address: 'b:1',
      hello: Uint8Array.of(1),
      link,
      end: {
        onOpen: () => this.events.push('open'),
        onPayload: (payload) => this.events.push(`got ${payload.join()}`),
        onClosed: () => this.events.push('closed'),
      },
    });
  }

  listen(): void {
    this.network.listen('b:1', {
      onHello: (connection) => {
        this.callee = connection;
        connection.accept(Uint8Array.of(1), {
          onPayload: (payload) => this.arrived.push(payload[0]!),
          onClosed: () => this.events.push('callee closed'),
        });
      },
    });
  }

  run(ms = 100): void {
    const endNs = this.clock.nowNs() + ms * 1_000_000;
    while (this.clock.step(endNs));
  }

  /** Opens, and sends the bytes 0 to count - 1. */
  send(count: number): this {
    this.run();
    for (let i = 0; i < count; i++) this.caller.send(Uint8Array.of(i));
    this.run();
    return this;
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test('a stream delivers in order', () => {
  expect(new Line({ ...CALM_LINK, maxDelayNs: 9_000_000 }).send(50).arrived).toEqual(upTo(50));
});

test('a loss on a stream ends the connection at both ends, and nothing after it arrives', () => {
  const line = new Line({ ...CALM_LINK, loss: 0.1 }).send(50);
  expect(line.arrived).toEqual(upTo(line.arrived.length));
  expect(line.arrived.length).toBeLessThan(50);
  expect(line.events).toEqual(['open', 'closed', 'callee closed']);
});

describe('datagrams', () => {
  test('overtake one another', () => {
    const { arrived } = new Line({ ...DATAGRAMS, late: 0.3, lateNs: 20_000_000 }).send(50);
    expect(arrived).not.toEqual(upTo(50));
    expect([...arrived].sort((a, b) => a - b)).toEqual(upTo(50));
  });

  test('are lost one by one', () => {
    const { arrived, events } = new Line({ ...DATAGRAMS, loss: 0.3 }).send(50);
    expect(arrived.length).toBeGreaterThan(20);
    expect(arrived.length).toBeLessThan(50);
    expect(events).toEqual(['open']);
  });

  test('are delivered twice', () => {
    const { arrived } = new Line({ ...DATAGRAMS, duplication: 0.3 }).send(50);
    expect(arrived.length).toBeGreaterThan(50);
    expect(new Set(arrived).size).toBe(50);
  });
});

test('a cut loses one way only, what was under way included, until it is healed', () => {
  const line = new Line(CALM_LINK);
  line.run();
  line.caller.send(Uint8Array.of(0));
  line.network.cut('a', 'b');
  line.caller.send(Uint8Array.of(1));
  line.callee!.send(Uint8Array.of(7));
  line.run();
  expect(line.arrived).toEqual([]);
  expect(line.events).toEqual(['open', 'got 7']);
  line.network.heal('a', 'b');
  line.caller.send(Uint8Array.of(2));
  line.run();
  expect(line.arrived).toEqual([2]);
});

test('a cut holds on a connection that was dialled before anyone listened', () => {
  const line = new Line(CALM_LINK, { listening: false });
  line.listen();
  line.run();
  line.network.cut('a', 'b');
  line.caller.send(Uint8Array.of(0));
  line.run();
  expect(line.events).toEqual(['open']);
  expect(line.arrived).toEqual([]);
});

test('a call to nobody, or over a cut, is refused', () => {
  const nobody = new Line(CALM_LINK, { listening: false });
  nobody.run();
  expect(nobody.events).toEqual(['closed']);
  const cut = new Line(CALM_LINK);
  cut.network.cut('b', 'a');
  cut.run();
  expect(cut.events).toEqual(['closed']);
});

test('an end learns that the other one closed; over a cut only when it sends again', () => {
  const told = new Line(CALM_LINK);
  told.run();
  told.callee!.close();
  told.run();
  expect(told.events).toEqual(['open', 'closed']);

  const silent = new Line(CALM_LINK);
  silent.run();
  silent.network.cut('b', 'a');
  silent.callee!.close();
  silent.run();
  expect(silent.events).toEqual(['open']);
  silent.network.heal('b', 'a');
  silent.caller.send(Uint8Array.of(1));
  silent.run();
  expect(silent.events).toEqual(['open', 'closed']);
});

test('what an end sent before it died arrives, and what is sent to it does not', () => {
  for (const link of [CALM_LINK, DATAGRAMS]) {
    const line = new Line(link);
    line.run();
    line.caller.send(Uint8Array.of(1));
    line.caller.close();
    line.caller.send(Uint8Array.of(2));
    line.run();
    line.callee!.send(Uint8Array.of(7));
    line.run();
    expect(line.arrived).toEqual([1]);
    expect(line.events).toEqual(['open', 'callee closed']);
  }
});

test('no bytes are shared: changing what was sent changes nothing that arrives', () => {
  const line = new Line(CALM_LINK);
  line.run();
  const payload = Uint8Array.of(5);
  line.caller.send(payload);
  payload[0] = 6;
  line.run();
  expect(line.arrived).toEqual([5]);
});

test('the fate of a frame depends on the frame, not on the traffic beside it', () => {
  const link: LinkOptions = { ...DATAGRAMS, loss: 0.5 };
  const alone = new Line(link);
  alone.run();
  for (let i = 0; i < 40; i += 2) alone.caller.send(Uint8Array.of(i));
  alone.run();
  const beside = new Line(link).send(40);
  expect(new Set(beside.arrived.filter((i) => i % 2 === 0))).toEqual(new Set(alone.arrived));
  expect(alone.arrived.length).toBeGreaterThan(0);
});
