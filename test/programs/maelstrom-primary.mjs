#!/usr/bin/env node
/**
 * A node that speaks Maelstrom's lin-kv protocol and knows nothing else: n1 holds the values, and the others hand everything on to it, which is
 * linearizable for as long as n1 lives. With --local-reads every node answers reads from a copy that n1 sends it, which is not.
 */
import { createInterface } from 'node:readline';

const localReads = process.argv.includes('--local-reads');
const PRIMARY = 'n1';
const values = new Map();
/** By id of what was handed on: who waits for the answer. */
const waiting = new Map();
let self = '';
let others = [];
let lastId = 0;

const send = (dest, body) => process.stdout.write(`${JSON.stringify({ src: self, dest, body })}\n`);

function answerTo(body) {
  const { key } = body;
  switch (body.type) {
    case 'read':
      return values.has(key) ? { type: 'read_ok', value: values.get(key) } : error(20, 'no such key');
    case 'write':
      put(key, body.value);
      return { type: 'write_ok' };
    case 'cas':
      if (!values.has(key) && !body.create_if_not_exists) return error(20, 'no such key');
      if (values.has(key) && values.get(key) !== body.from) return error(22, `it is ${values.get(key)}`);
      put(key, body.to);
      return { type: 'cas_ok' };
    default:
      return error(10, `no ${body.type} here`);
  }
}

const error = (code, text) => ({ type: 'error', code, text });

function put(key, value) {
  values.set(key, value);
  if (localReads) for (const node of others) send(node, { type: 'copy', key, value });
}

function onRequest(src, body) {
  const isMine = self === PRIMARY || (localReads && body.type === 'read');
  if (isMine) return send(src, { ...answerTo(body), in_reply_to: body.msg_id });
  const id = ++lastId;
  waiting.set(id, { src, in_reply_to: body.msg_id });
  return send(PRIMARY, { type: 'please', msg_id: id, request: body });
}

function onMessage({ src, body }) {
  switch (body.type) {
    case 'init':
      self = body.node_id;
      others = body.node_ids.filter((id) => id !== self);
      console.error(`${self} is one of ${body.node_ids.join(' ')}`);
      return send(src, { type: 'init_ok', in_reply_to: body.msg_id });
    case 'please':
      return send(src, { type: 'done', in_reply_to: body.msg_id, answer: answerTo(body.request) });
    case 'done': {
      const who = waiting.get(body.in_reply_to);
      waiting.delete(body.in_reply_to);
      return who && send(who.src, { ...body.answer, in_reply_to: who.in_reply_to });
    }
    case 'copy':
      return values.set(body.key, body.value);
    default:
      return onRequest(src, body);
  }
}

createInterface({ input: process.stdin }).on('line', (line) => onMessage(JSON.parse(line)));
