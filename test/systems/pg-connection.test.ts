/** A connection to PostgreSQL that is slow in coming. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { PgConnection } from '../../src/systems/postgresql/pg-connection.ts';

const GREETING = Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1');
const DONE = Buffer.from('C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I', 'latin1');

test('a server that greets late is not asked for another connection by each who gave up', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = new PgConnection({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  try {
    const came = once(server, 'connection');
    expect(await connection.ask('SELECT 1', 50)).toEqual({ kind: 'unsent', error: 'timeout' });
    await came;
    const [socket] = sockets;
    const second = connection.ask('SELECT 1', 10_000);
    socket!.on('data', (said: Buffer) => said.includes('SELECT') && socket!.write(DONE));
    socket!.write(GREETING);
    expect(await second).toMatchObject({ kind: 'answered', tag: 'SELECT 1' });
    expect(sockets).toHaveLength(1);
  } finally {
    connection.close();
    server.close();
  }
});
