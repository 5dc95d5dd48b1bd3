/** Peer links and clients on real sockets: who hears what, and what a filter lets through. */
import { once } from 'node:events';
import { connect, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { reservePorts } from '../../src/cluster/ports.ts';
import { poll } from '../../src/cluster/waiting.ts';
import { listen } from '../../src/node/listener.ts';
import { SocketNetwork } from '../../src/node/socket-network.ts';
import { dial, type FrameSocket } from '../../src/sockets/frame-socket.ts';
import { encodeFrame, FrameDecoder } from '../../src/wire/frames.ts';
import { decodeHelloAnswer, encodeHello, type Hello } from '../../src/wire/hello.ts';

interface Host {
  readonly network: SocketNetwork;
  readonly server: Server;
  readonly heard: string[];
  readonly clientsGone: number[];
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Hosts n1, n2 … on ports of their own, all links free; clients are echoed. */
async function startHosts(count: number): Promise<{ hosts: Host[]; members: Record<string, string> }> {
  const reservation = await reservePorts(count);
  cleanups.push(() => reservation.release());
  const members = Object.fromEntries(reservation.ports.map((port, i) => [`n${i + 1}`, `127.0.0.1:${port}`]));
  const hosts = Object.keys(members).map((id) => startHost(id, members));
  for (const [i, { network }] of hosts.entries()) {
    const { [`n${i + 1}`]: _, ...peers } = members;
    network.setPeers(peers);
  }
  return { hosts, members };
}

function startHost(id: string, members: Record<string, string>): Host {
  const heard: string[] = [];
  const clientsGone: number[] = [];
  const connections = new Set<FrameSocket>();
  const network = new SocketNetwork({
    clusterId: 'C',
    id,
    address: members[id]!,
    atTurnEnd: setImmediate,
    onPeerMessage: (from, payload) => heard.push(`${from}: ${Buffer.from(payload).toString()}`),
    onClientRequest: (connection, payload) => network.sendToClient(connection, payload),
    onClientClosed: (connection) => clientsGone.push(connection),
  });
  const server = listen(
    {
      address: members[id]!,
      called: () => ({ clusterId: 'C', id, peers: network.peers, rules: { peersKnownById: true } }),
      atTurnEnd: setImmediate,
      onConnection: (hello, connection, from) => {
        connections.add(connection);
        if (hello.role === 'peer') network.acceptPeer({ from, address: hello.address }, connection);
        else network.acceptClient(connection);
      },
      onFatal: (error) => {
        throw error;
      },
    },
    () => {},
  );
  cleanups.push(() => {
    const others = Object.keys(members);
    network.setFilter({ cutOut: others, cutIn: others });
    for (const connection of connections) connection.drop('the test ended');
    server.close();
  });
  return { network, server, heard, clientsGone };
}

/** Sends `text` until it was heard: Raft repeats itself too, and a link takes a moment to come up. */
async function arrives(from: Host, to: string, receiver: Host, text: string): Promise<boolean> {
  const heard = await poll(
    () => {
      if (receiver.heard.some((line) => line.endsWith(text))) return true;
      from.network.sendToPeer(to, Buffer.from(text));
      return undefined;
    },
    { everyMs: 5, timeoutMs: 5000 },
  );
  return heard ?? false;
}

/** Connects and resolves with what comes back: payloads, and why it ended. */
function call(address: string, hello: Hello): { connection: FrameSocket; got: string[]; ended: Promise<string> } {
  const got: string[] = [];
  let connection: FrameSocket | undefined;
  const ended = new Promise<string>((resolve) => {
    connection = dial(address, hello, {
      onAccepted: () => got.push('accepted'),
      onPayload: (payload) => got.push(Buffer.from(payload).toString()),
      onClose: resolve,
    });
  });
  cleanups.push(() => connection!.drop('the test ended'));
  return { connection: connection!, got, ended };
}

test('what is said to a peer arrives there under the name of its sender, and is counted', async () => {
  const { hosts } = await startHosts(2);
  const [n1, n2] = hosts as [Host, Host];
  expect(await arrives(n1, 'n2', n2, 'hello')).toBe(true);
  expect(n2.heard[0]).toBe('n1: hello');
  expect(n2.network.counters()['n1']!.received).toBe(n2.heard.length);
  expect(n1.network.counters()['n2']!.sent).toBeGreaterThanOrEqual(1);
});

test('a cut at the sender is silent at once, counts what was meant for it, and heals', async () => {
  const { hosts } = await startHosts(2);
  const [n1, n2] = hosts as [Host, Host];
  await arrives(n1, 'n2', n2, 'before');
  n1.network.sendToPeer('n2', Buffer.from('on its way when the link is cut'));
  n1.network.setFilter({ cutOut: ['n2'], cutIn: [] });
  for (let i = 0; i < 10; i++) n1.network.sendToPeer('n2', Buffer.from('lost'));
  // The other direction is free: what it carries shows that time has passed.
  expect(await arrives(n2, 'n1', n1, 'the other way')).toBe(true);
  expect(n2.heard.filter((line) => line !== 'n1: before')).toEqual([]);
  expect(n1.network.counters()['n2']!.droppedOut).toBe(10);

  n1.network.setFilter({ cutOut: [], cutIn: [] });
  expect(await arrives(n1, 'n2', n2, 'after')).toBe(true);
});

test('a cut at the receiver is silent though the sender knows nothing of it', async () => {
  const { hosts } = await startHosts(3);
  const [n1, n2, n3] = hosts as [Host, Host, Host];
  await arrives(n1, 'n2', n2, 'before');
  n2.network.setFilter({ cutOut: [], cutIn: ['n1'] });
  const { received } = n2.network.counters()['n1']!;
  const tried = await poll(
    () => {
      n1.network.sendToPeer('n2', Buffer.from('lost'));
      return n2.network.counters()['n1']!.droppedIn > 0 ? true : undefined;
    },
    { everyMs: 5, timeoutMs: 5000 },
  );
  expect(tried).toBe(true);
  expect(await arrives(n3, 'n2', n2, 'from another one')).toBe(true);
  expect(n2.network.counters()['n1']!.received).toBe(received);

  n2.network.setFilter({ cutOut: [], cutIn: [] });
  expect(await arrives(n1, 'n2', n2, 'after')).toBe(true);
});

test('many clients are answered each on its own connection, and a client that leaves is told', async () => {
  const { hosts, members } = await startHosts(2);
  const hello = { role: 'client', clusterId: 'C', to: 'n1' } as const;
  const [a, b] = [call(members['n1']!, hello), call(members['n1']!, hello)];
  a.connection.send(Buffer.from('a'));
  b.connection.send(Buffer.from('b'));
  await poll(() => (a.got.length === 2 && b.got.length === 2 ? true : undefined), { everyMs: 2, timeoutMs: 5000 });
  expect([a.got, b.got]).toEqual([
    ['accepted', 'a'],
    ['accepted', 'b'],
  ]);
  a.connection.end();
  await a.ended;
  const gone = await poll(() => hosts[0]!.clientsGone[0], { everyMs: 2, timeoutMs: 5000 });
  expect(gone).toBeDefined();
  b.connection.send(Buffer.from('still here'));
  await poll(() => (b.got.length === 3 ? true : undefined), { everyMs: 2, timeoutMs: 5000 });
  expect(b.got).toEqual(['accepted', 'b', 'still here']);
});

test('a node that is no member is answered as long as it calls, and then forgotten', async () => {
  const reservation = await reservePorts(2);
  cleanups.push(() => reservation.release());
  const members = Object.fromEntries(reservation.ports.map((port, i) => [`n${i + 1}`, `127.0.0.1:${port}`]));
  const [member, newcomer] = [startHost('n1', members), startHost('n2', members)];
  member.network.setPeers({ n2: members['n2']! });
  expect(await arrives(member, 'n2', newcomer, 'come in')).toBe(true);
  expect(await arrives(newcomer, 'n1', member, 'here I am')).toBe(true);
  expect(newcomer.network.peers).toEqual({});
  member.network.setPeers({});
  newcomer.network.setFilter({ cutOut: ['n1'], cutIn: ['n1'] });
  const forgotten = (): true | undefined => (Object.keys(member.network.counters()).length === 0 ? true : undefined);
  expect(await poll(forgotten, { everyMs: 5, timeoutMs: 5000 })).toBe(true);
});

test('a peer that came back at another place is called there, even if it still has a connection from the old one', async () => {
  const reservation = await reservePorts(3);
  cleanups.push(() => reservation.release());
  const [one, old, other] = reservation.ports.map((port) => `127.0.0.1:${port}`) as [string, string, string];
  const member = startHost('n1', { n1: one });
  const before = startHost('n2', { n2: old });
  member.network.setPeers({ n2: old });
  before.network.setPeers({ n1: one });
  expect(await arrives(member, 'n2', before, 'at the old place')).toBe(true);
  expect(await arrives(before, 'n1', member, 'from the old place')).toBe(true);
  member.network.setPeers({});
  const after = startHost('n2', { n2: other });
  member.network.setPeers({ n2: other });
  expect(await arrives(member, 'n2', after, 'at the new place')).toBe(true);
});

test('another cluster and another node are refused with the reason', async () => {
  const { members } = await startHosts(2);
  const address = members['n1']!;
  const refusals = [
    call(address, { role: 'client', clusterId: 'D', to: 'n1' }),
    call(address, { role: 'client', clusterId: 'C', to: 'n2' }),
  ];
  expect(await Promise.all(refusals.map((it) => it.ended))).toEqual([
    'refused: this is cluster C, not D',
    'refused: this is node n1, not n2',
  ]);
});

test('who is refused and goes on talking is not heard, and is hung up on', async () => {
  const { members } = await startHosts(1);
  const [host, port] = members['n1']!.split(':');
  const socket = connect({ host: host!, port: Number(port) });
  cleanups.push(() => socket.destroy());
  const answers: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => answers.push(chunk));
  socket.write(encodeFrame(encodeHello({ role: 'client', clusterId: 'D', to: 'n1' })));
  socket.write(encodeFrame(Buffer.from('are you there?')));
  await once(socket, 'close');
  const decoder = new FrameDecoder();
  decoder.push(Buffer.concat(answers));
  expect(decodeHelloAnswer(decoder.next()!)).toMatchObject({ kind: 'refused' });
  expect(decoder.next()).toBeUndefined();
});
