/** Proxies between nodes, on real sockets: what a cut loses, and what becomes of a connection that lost something. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LinkProxies } from '../../src/cluster/link-proxies.ts';
import { reservePorts, type PortReservation } from '../../src/cluster/ports.ts';
import { poll } from '../../src/cluster/waiting.ts';

const THERE = { from: 'n1', to: 'n2' };
const BACK = { from: 'n2', to: 'n1' };

let reservation: PortReservation;
let server: Server;
let proxies: LinkProxies;
/** What n2 heard, connection by connection. */
let heard: { socket: Socket; text: string; ended: boolean }[];
const opened: Socket[] = [];

beforeEach(async () => {
  reservation = await reservePorts(2);
  const [proxy, target] = reservation.ports.map((port) => ({ host: '127.0.0.1', port }));
  heard = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    const entry = { socket, text: '', ended: false };
    heard.push(entry);
    socket.on('data', (piece: Buffer) => (entry.text += piece.toString()));
    socket.once('end', () => (entry.ended = true));
    socket.on('error', () => {});
  }).listen(target);
  await once(server, 'listening');
  // This process is n1: it opens every connection.
  proxies = new LinkProxies({
    guarded: [{ node: 'n2', proxy: proxy!, target: target! }],
    pids: () => [['n1', [process.pid]]],
  });
  await proxies.start();
});

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  for (const { socket } of heard) socket.destroy();
  await proxies.stop();
  server.close();
  reservation.release();
});

/** n1 speaks to n2. */
async function open(): Promise<{ socket: Socket; seen: { text: string; isClosed: boolean } }> {
  const socket = connect({ host: '127.0.0.1', port: reservation.ports[0]!, allowHalfOpen: true });
  opened.push(socket);
  const seen = { text: '', isClosed: false };
  socket.on('data', (piece: Buffer) => (seen.text += piece.toString()));
  socket.on('error', () => {});
  for (const event of ['end', 'close']) socket.once(event, () => (seen.isClosed = true));
  await once(socket, 'connect');
  return { socket, seen };
}

async function until(what: () => boolean): Promise<void> {
  expect(await poll(() => what() || undefined, { everyMs: 2, timeoutMs: 5000 })).toBe(true);
}

test('whole links pass everything on, the end too', async () => {
  const { socket, seen } = await open();
  socket.end('hello');
  await until(() => heard[0]?.text === 'hello' && heard[0].ended);
  heard[0]!.socket.end('and good-bye');
  await until(() => seen.text === 'and good-bye' && seen.isClosed);
});

test('a cut loses what is said, and the connection ends only when it heals', async () => {
  const { socket, seen } = await open();
  socket.write('a');
  await until(() => heard[0]?.text === 'a');
  const injury = proxies.cut([THERE, BACK]);
  socket.write('lost');
  heard[0]!.socket.write('lost too');
  const late = await open();
  late.socket.write('nobody hears');
  await untilLost(4);
  const { effective, evidence } = await injury.heal();
  expect({ effective, evidence }).toEqual({
    effective: true,
    evidence: expect.stringMatching(/^2 links silent, \d+ pieces/),
  });
  await until(() => seen.isClosed && late.seen.isClosed);
  expect([seen.text, heard.map(({ text }) => text)]).toEqual(['', ['a']]);
  const again = await open();
  again.socket.write('b');
  await until(() => heard.at(-1)?.text === 'b');
});

test('one direction is cut and the other is not', async () => {
  const { socket, seen } = await open();
  socket.write('a');
  await until(() => heard[0]?.text === 'a');
  const injury = proxies.cut([BACK]);
  socket.write('b');
  heard[0]!.socket.write('lost');
  await until(() => heard[0]!.text === 'ab');
  await untilLost(1);
  expect((await injury.heal()).effective).toBe(true);
  await until(() => seen.isClosed);
  expect(seen.text).toBe('');
});

test('nothing follows a hole, even if another cut outlasts the one that made it', async () => {
  const { socket, seen } = await open();
  socket.write('a');
  await until(() => heard[0]?.text === 'a');
  const short = proxies.cut([THERE]);
  const long = proxies.cut([BACK]);
  socket.write('b');
  await untilLost(1);
  await short.heal();
  socket.write('c');
  heard[0]!.socket.write('lost');
  await untilLost(3);
  expect((await long.heal()).effective).toBe(true);
  await until(() => seen.isClosed);
  expect(heard[0]!.text).toBe('a');
});

test('a cut over which nobody spoke did nothing', async () => {
  const { effective } = await proxies.cut([THERE, BACK]).heal();
  expect(effective).toBe(false);
});

test('a slow link is late, in order, and says how much it delayed', async () => {
  const { socket } = await open();
  const injury = proxies.disturb([THERE], { kind: 'delay', delayMs: 60 });
  const fromMs = performance.now();
  socket.write('a');
  await until(() => heard[0]?.text === 'a');
  expect(performance.now() - fromMs).toBeGreaterThanOrEqual(59);
  expect(await injury.heal()).toMatchObject({ effective: true, evidence: '1 delayed' });
});

test('connections that are reset again and again', async () => {
  const { seen } = await open();
  const injury = proxies.disturb([THERE], { kind: 'reset', everyMs: 20 });
  await until(() => seen.isClosed);
  expect((await injury.heal()).effective).toBe(true);
});

test('nobody speaks twice over TCP', () => {
  expect(() => proxies.disturb([THERE], { kind: 'duplicate' })).toThrow('delivers nothing twice');
});

/** Waits until so many pieces and connections were lost between the two. */
async function untilLost(pieces: number): Promise<void> {
  await until(
    () => [THERE, BACK].reduce((sum, { from, to }) => sum + proxies.links.countsOf(from, to).dropped, 0) >= pieces,
  );
}
