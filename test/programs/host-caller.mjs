// Listens for its peers on every address, and for clients on 127.0.0.1: `host-caller CLIENT_PORT PEER_PORT`. A client that writes the address of a
// peer is told whether it answers within half a second.
import { connect, createServer } from 'node:net';

const [clientPort, peerPort] = process.argv.slice(2).map(Number);

createServer((peer) => peer.on('error', () => {}).pipe(peer)).listen(peerPort);

createServer((client) => {
  client.once('data', (host) => {
    const peer = connect({ host: host.toString(), port: peerPort, timeout: 500 }, () => peer.write('hello'));
    const say = (word) => {
      peer.destroy();
      client.end(word);
    };
    peer.once('data', () => say('heard'));
    peer.once('timeout', () => say('silence'));
    peer.once('error', ({ code }) => say(code));
  });
}).listen(clientPort, '127.0.0.1');
