/** Redis' protocol (RESP2): a command is a list of texts, a reply one of five shapes. Only what an answer can be; no pushes. */

/** An error reply is data here: what it means depends on what was asked. */
export type Reply = string | number | null | RedisError | readonly Reply[];

/** `READONLY You can't write against a read only replica.` */
export interface RedisError {
  readonly error: string;
}

/** Whether the reply is an error. */
export function isError(reply: Reply | undefined): reply is RedisError {
  return typeof reply === 'object' && reply !== null && 'error' in reply;
}

/** A command as it is sent. */
export function encodeCommand(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** The replies in what has arrived so far, and how many bytes they take up; what is not whole yet is left. Throws where it is no RESP. */
export function decodeReplies(bytes: Buffer): { readonly replies: readonly Reply[]; readonly taken: number } {
  const replies: Reply[] = [];
  let taken = 0;
  for (;;) {
    const next = decodeOne(bytes, taken);
    if (next === null) return { replies, taken };
    replies.push(next.reply);
    taken = next.end;
  }
}

interface Decoded {
  readonly reply: Reply;
  readonly end: number;
}

/** Null where it is not whole yet. */
function decodeOne(bytes: Buffer, from: number): Decoded | null {
  const lineEnd = bytes.indexOf('\r\n', from);
  if (lineEnd === -1) return null;
  const line = bytes.toString('utf8', from + 1, lineEnd);
  const end = lineEnd + 2;
  switch (bytes.toString('latin1', from, from + 1)) {
    case '+':
      return { reply: line, end };
    case '-':
      return { reply: { error: line }, end };
    case ':':
      return { reply: Number(line), end };
    case '$':
      return decodeText(bytes, end, Number(line));
    case '*':
      return decodeList(bytes, end, Number(line));
    default:
      throw new Error(`not a reply of Redis: ${JSON.stringify(line.slice(0, 40))}`);
  }
}

function decodeText(bytes: Buffer, from: number, length: number): Decoded | null {
  if (length === -1) return { reply: null, end: from };
  const end = from + length + 2;
  return bytes.length < end ? null : { reply: bytes.toString('utf8', from, from + length), end };
}

function decodeList(bytes: Buffer, from: number, length: number): Decoded | null {
  if (length === -1) return { reply: null, end: from };
  const list: Reply[] = [];
  let at = from;
  while (list.length < length) {
    const next = decodeOne(bytes, at);
    if (next === null) return null;
    list.push(next.reply);
    at = next.end;
  }
  return { reply: list, end: at };
}
