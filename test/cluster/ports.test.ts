/** Port reservations: outside the ephemeral range, never shared, free again after release. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { reservePorts } from '../../src/cluster/ports.ts';

test('ports lie below every ephemeral range and differ', async () => {
  const reservation = await reservePorts(5);
  const { ports } = reservation;
  reservation.release();
  expect(new Set(ports).size).toBe(5);
  for (const port of ports) expect(port >= 20_000 && port < 32_000).toBe(true);
});

test('a reserved port can be listened on again and again, and no other run gets it', async () => {
  const first = await reservePorts(3, 500);
  const second = await reservePorts(3, 500);
  try {
    expect(first.ports.filter((port) => second.ports.includes(port))).toEqual([]);
    for (let life = 0; life < 3; life++) {
      const server = createServer().listen({ host: '127.0.0.1', port: first.ports[0]! });
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
    }
  } finally {
    first.release();
    second.release();
  }
});
