/**
 * Ports that stay ours for a whole run, also while a node is down: two runs at a time never meet, and a restarted node finds
 * its port free. They lie below the range from which the kernel hands out ports by itself (32768 and up on Linux, 49152 and
 * up on macOS), and each is locked by a UDP socket on the same number, which the kernel closes when this process dies,
 * whatever it dies of.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { StalemateError } from '../base/errors.ts';

const FIRST_PORT = 20_000;
const PORTS = 12_000;
const HOST = '127.0.0.1';

export interface PortReservation {
  readonly ports: readonly number[];
  release(): void;
}

/** Reserves that many ports on 127.0.0.1, looking from the `from`th on. Throws if there are not enough. */
export async function reservePorts(count: number, from: number = randomInt(PORTS)): Promise<PortReservation> {
  const locks = new Map<number, Socket>();
  const release = (): void => {
    for (const lock of locks.values()) lock.close();
    locks.clear();
  };
  for (let i = 0; i < PORTS && locks.size < count; i++) {
    const port = FIRST_PORT + ((from + i) % PORTS);
    const lock = await lockPort(port);
    if (lock !== undefined) locks.set(port, lock);
  }
  if (locks.size < count) {
    release();
    const last = FIRST_PORT + PORTS - 1;
    throw new StalemateError('failed', `fewer than ${count} free ports from ${FIRST_PORT} to ${last} on ${HOST}`);
  }
  return { ports: [...locks.keys()], release };
}

/** Undefined if another run holds the lock, or some program uses the TCP port. */
async function lockPort(port: number): Promise<Socket | undefined> {
  const lock = createSocket('udp4');
  try {
    lock.bind({ address: HOST, port, exclusive: true });
    await once(lock, 'listening');
    await tryListening(port);
    return lock.unref();
  } catch {
    lock.close();
    return undefined;
  }
}

async function tryListening(port: number): Promise<void> {
  const server = createServer().listen({ host: HOST, port, exclusive: true });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}
