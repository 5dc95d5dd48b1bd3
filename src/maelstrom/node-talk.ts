/**
 * One life of a node, as the network sees it: lines on its standard input and output. It is asked to `init` first; only when it has
 * said `init_ok` is anything else handed to it, and waits until then. What it prints that is no message is told.
 */
import type { Readable, Writable } from 'node:stream';
import type { NodeId } from '../contract/names.ts';
import { messageOf, type Message } from './message.ts';

export interface NodeTalkOptions {
  readonly node: NodeId;
  readonly nodes: readonly NodeId[];
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** It has said `init_ok`. */
  readonly onReady: () => void;
  readonly onMessage: (message: Message) => void;
  /** It printed something else. */
  readonly onNonsense: (what: string, line: string) => void;
}

/** Who asks for `init`, and by which number. */
const INITIALISER = 'c0';
const INIT_ID = 1;

/** Begins to talk; what comes back hands the node a message. */
export function talkTo(options: NodeTalkOptions): (message: Message) => void {
  const { node, nodes, stdin, stdout, onReady, onMessage, onNonsense } = options;
  const tell = (message: Message): void => {
    if (stdin.writable) stdin.write(`${JSON.stringify(message)}\n`);
  };
  const waiting: Message[] = [];
  // It may end while something is on its way to it, and is found to be gone by its exit.
  stdin.on('error', () => {});
  let isReady = false;
  onLines(stdout, (line) => {
    if (line.trim() === '') return;
    const message = messageOf(line, node);
    if (typeof message === 'string') return onNonsense(message, line);
    if (message.dest !== INITIALISER) return onMessage(message);
    if (isReady || message.body.type !== 'init_ok' || message.body.in_reply_to !== INIT_ID) return undefined;
    isReady = true;
    waiting.splice(0).forEach(tell);
    return onReady();
  });
  tell({
    src: INITIALISER,
    dest: node,
    body: { type: 'init', msg_id: INIT_ID, node_id: node, node_ids: nodes },
  });
  return (message) => {
    if (isReady) tell(message);
    else waiting.push(message);
  };
}

/** Whole lines only: the last one of a process that was killed may have been cut off, and says nothing. */
function onLines(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop()!;
    lines.forEach(take);
  });
}
