/** Lines to and from a node: `init` first, whole lines only, and what is no message is told. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Message } from '../../src/maelstrom/message.ts';
import { talkTo } from '../../src/maelstrom/node-talk.ts';

interface Talk {
  /** What the node was told so far. */
  readonly told: () => readonly Message[];
  /** The node prints this, and it has been read. */
  readonly prints: (text: string) => Promise<void>;
  readonly ends: () => Promise<void>;
  readonly tell: (message: Message) => void;
  readonly events: readonly string[];
}

function talk(): Talk {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const events: string[] = [];
  let heard = '';
  stdin.setEncoding('utf8').on('data', (text: string) => (heard += text));
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const tell = talkTo({
    node: 'n1',
    nodes: ['n1', 'n2'],
    stdin,
    stdout,
    onReady: () => events.push('ready'),
    onMessage: ({ dest, body }) => events.push(`${dest} ${JSON.stringify(body.type)}`),
    onNonsense: (what) => events.push(what),
  });
  return {
    told: () =>
      heard
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Message),
    prints: async (text) => {
      stdout.write(text);
      await settled();
    },
    ends: async () => {
      stdout.end();
      await settled();
    },
    tell,
    events,
  };
}

const READ: Message = { src: 'c1', dest: 'n1', body: { type: 'read', msg_id: 1, key: 'x' } };
const INIT_OK = '{"src":"n1","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}\n';

test('init comes first, and everything else waits for init_ok', async () => {
  const { told, prints, tell, events } = talk();
  tell(READ);
  expect(told()).toEqual([
    { src: 'c0', dest: 'n1', body: { type: 'init', msg_id: 1, node_id: 'n1', node_ids: ['n1', 'n2'] } },
  ]);
  await prints('{"src":"n1","dest":"n2","body":{"type":"hello"}}\n');
  await prints(INIT_OK);
  await prints(INIT_OK);
  expect(events).toEqual(['n2 "hello"', 'ready']);
  expect(told()).toHaveLength(2);
  tell({ ...READ, src: 'c2' });
  expect(told().map(({ src }) => src)).toEqual(['c0', 'c1', 'c2']);
});

test('a line may come in pieces, several in one, and the one that a kill cut off says nothing', async () => {
  const { prints, ends, events } = talk();
  await prints('{"src":"n1","dest":"c1","body":{"type":"ä');
  await prints('"}}\r\n\n{"src":"n1","dest":"c2","body":{"type":"b"}}\n{"src":"n1","de');
  await ends();
  expect(events).toEqual(['c1 "ä"', 'c2 "b"']);
});

test('a line that is no message is told', async () => {
  const { prints, events } = talk();
  await prints('starting up\n{"src":"n2","dest":"c1","body":{}}\n');
  expect(events).toEqual(['a line that is not JSON', 'a message whose src is not n1']);
});
