#!/usr/bin/env node
/**
 * A tiny replicated register over HTTP, something to test: n1 is the primary and takes every write; it tells the others, which answer reads
 * from what they were told, a little late. Values survive a kill in a file.
 *
 *     lagging-register.mjs NODE CLIENT_PORT PEER_PORT DATA_FOLDER LAG_MS [HOST:PORT of each replica]
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';

const [node, clientPort, peerPort, folder, lagMs, ...replicas] = process.argv.slice(2);
const isPrimary = node === 'n1';
const journal = join(folder, 'journal');
const values = new Map();
if (existsSync(journal)) for (const line of lines(journal)) values.set(...JSON.parse(line));

function lines(path) {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

function put(key, value) {
  appendFileSync(journal, `${JSON.stringify([key, value])}\n`);
  values.set(key, value);
  if (isPrimary) setTimeout(() => replicas.forEach((replica) => tell(replica, { key, value })), Number(lagMs));
}

/** Once, and never again: what gets lost is not there until the key is written anew. */
function tell(replica, body) {
  const [host, port] = replica.split(':');
  const sent = request({ host, port, method: 'POST', path: '/put', timeout: 500 }, (answer) => answer.resume());
  sent.on('error', () => {});
  sent.on('timeout', () => sent.destroy());
  sent.end(JSON.stringify(body));
}

function answerTo(path, { key, from, to, value, reads }) {
  const isRead = path === '/read';
  if (!isPrimary && !(isRead && reads === 'any')) return { status: 409, primary: 'n1' };
  const held = values.get(key) ?? null;
  if (isRead) return { value: held };
  if (path === '/cas' && held !== from) return { status: 412, value: held };
  put(key, path === '/cas' ? to : value);
  return {};
}

function serve(port, handle) {
  createServer((incoming, outgoing) => {
    let text = '';
    incoming.on('data', (chunk) => (text += chunk));
    incoming.on('end', () => {
      const { status = 200, ...body } = handle(incoming.url, JSON.parse(text || '{}'));
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }).listen(Number(port), '127.0.0.1');
}

serve(clientPort, (path, body) => (path === '/status' ? { leader: 'n1' } : answerTo(path, body)));
serve(peerPort, (_path, { key, value }) => {
  put(key, value);
  return {};
});
console.log(`${node} serves, and knows ${values.size} keys`);
