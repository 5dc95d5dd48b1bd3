/**
 * What holds the host of a node, as a program: `host-relay-main PORT…` hands on to 127.0.0.1, on this host, what comes by the socket file of each
 * port in the present folder, and says `ready` once it listens.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { socketNameOf } from './host-sockets.ts';

for (const port of process.argv.slice(2).map(Number)) {
  const name = socketNameOf(port);
  rmSync(name, { force: true });
  const server = createServer((accepted) => {
    const there = connect({ host: '127.0.0.1', port, noDelay: true });
    for (const socket of [accepted, there]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        accepted.destroy();
        there.destroy();
      });
    }
    accepted.pipe(there).pipe(accepted);
  });
  server.listen(name);
  await once(server, 'listening');
}
console.log('ready');
