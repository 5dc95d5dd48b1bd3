/**
 * A relay before one port of a server: passes questions on, and at will swallows the answers and cuts the connection instead. So a request was
 * carried out, and nobody was told.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Endpoint } from '../../src/contract/index.ts';

export interface SilentRelay {
  readonly endpoint: Endpoint;
  /** Questions that it has passed on since it is silent. */
  readonly asked: number;
  /** From now on answers are swallowed: the connection is cut when one comes. */
  silence(): void;
  /** Stops listening and cuts what is open. */
  close(): Promise<void>;
}

/** Begins to listen, on a port that the kernel chooses. */
export async function silentRelay(target: Endpoint): Promise<SilentRelay> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  let asked = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    return socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    const upstream = keep(connect({ ...target }));
    client.on('data', (piece: Buffer) => {
      if (isSilent) asked++;
      upstream.write(piece);
    });
    upstream.on('data', (piece: Buffer) => void (isSilent ? client.destroy() : client.write(piece)));
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    get asked() {
      return asked;
    },
    silence: () => (isSilent = true),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
