/** NATS' protocol, as far as one asks and is answered: lines of words, and behind some of them headers and a payload of so many bytes. */

/** What a server says. */
export type NatsSaid =
  | { readonly kind: 'pong' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'refusal'; readonly words: string }
  | {
      readonly kind: 'message';
      readonly subject: string;
      readonly status: number;
      readonly headers: ReadonlyMap<string, string>;
      readonly payload: string;
    }
  /** Greetings and what else asks for nothing. */
  | { readonly kind: 'other' };

/** A message that is to be answered at `reply`. */
export function encodePublish(it: {
  readonly subject: string;
  readonly reply: string;
  readonly payload: string;
  readonly headers?: Readonly<Record<string, string>>;
}): string {
  const { subject, reply, payload, headers } = it;
  const bytes = Buffer.byteLength(payload);
  if (headers === undefined) return `PUB ${subject} ${reply} ${bytes}\r\n${payload}\r\n`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `NATS/1.0\r\n${lines.join('')}\r\n`;
  const headBytes = Buffer.byteLength(head);
  return `HPUB ${subject} ${reply} ${headBytes} ${headBytes + bytes}\r\n${head}${payload}\r\n`;
}

/** The first thing that was said, and where the next begins; null where it is not whole yet. */
export function decodeSaid(bytes: Buffer): { readonly said: NatsSaid; readonly end: number } | null {
  const lineEnd = bytes.indexOf('\r\n');
  if (lineEnd === -1) return null;
  const line = bytes.toString('utf8', 0, lineEnd);
  const words = line.split(' ');
  const end = lineEnd + 2;
  switch (words[0]!.toUpperCase()) {
    case 'MSG':
      return decodeMessage(bytes, { subject: words[1]!, from: end, headBytes: 0, allBytes: Number(words.at(-1)) });
    case 'HMSG': {
      const [headBytes, allBytes] = words.slice(-2).map(Number);
      return decodeMessage(bytes, { subject: words[1]!, from: end, headBytes: headBytes!, allBytes: allBytes! });
    }
    case 'PING':
      return { said: { kind: 'ping' }, end };
    case 'PONG':
      return { said: { kind: 'pong' }, end };
    case '-ERR':
      return { said: { kind: 'refusal', words: line }, end };
    default:
      return { said: { kind: 'other' }, end };
  }
}

function decodeMessage(
  bytes: Buffer,
  at: { readonly subject: string; readonly from: number; readonly headBytes: number; readonly allBytes: number },
): { readonly said: NatsSaid; readonly end: number } | null {
  const end = at.from + at.allBytes;
  if (bytes.length < end + 2) return null;
  const [first = '', ...lines] = bytes.toString('utf8', at.from, at.from + at.headBytes).split('\r\n');
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
  });
  const status = Number(/^NATS\/1\.0 (\d+)/.exec(first)?.[1] ?? 200);
  const payload = bytes.toString('utf8', at.from + at.headBytes, end);
  return { said: { kind: 'message', subject: at.subject, status, headers: new Map(headers), payload }, end: end + 2 };
}
