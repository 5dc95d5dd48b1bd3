/** PostgreSQL's protocol, as far as a simple query goes: a byte that says what it is, a length, and the rest. */

/** What a server says. */
export type PgSaid =
  /** It waits for the next query: whatever was asked is over. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'row'; readonly values: readonly (string | null)[] }
  /** `UPDATE 1`. */
  | { readonly kind: 'done'; readonly tag: string }
  /** A code of five letters, as SQLSTATE has them. */
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  /** Settings, descriptions of rows, notices. */
  | { readonly kind: 'other' };

const PROTOCOL = 196_608;
const HEAD_BYTES = 5;

/** The first that is sent. */
export function encodeStartup(user: string): Buffer {
  const words = Buffer.from(`user\0${user}\0database\0postgres\0application_name\0stalemate\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + words.length, 0);
  head.writeInt32BE(PROTOCOL, 4);
  return Buffer.concat([head, words]);
}

export function encodeQuery(sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`);
  const head = Buffer.alloc(HEAD_BYTES);
  head.write('Q');
  head.writeInt32BE(4 + text.length, 1);
  return Buffer.concat([head, text]);
}

/** The first thing that was said, and where the next begins; null where it is not whole yet. */
export function decodeSaid(bytes: Buffer): { readonly said: PgSaid; readonly end: number } | null {
  if (bytes.length < HEAD_BYTES) return null;
  const end = 1 + bytes.readInt32BE(1);
  if (bytes.length < end) return null;
  const body = bytes.subarray(HEAD_BYTES, end);
  switch (String.fromCharCode(bytes[0]!)) {
    case 'Z':
      return { said: { kind: 'ready' }, end };
    case 'D':
      return { said: { kind: 'row', values: valuesIn(body) }, end };
    case 'C':
      return { said: { kind: 'done', tag: textAt(body, 0) }, end };
    case 'E':
      return { said: errorIn(body), end };
    default:
      return { said: { kind: 'other' }, end };
  }
}

/** As a literal in a query. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function valuesIn(body: Buffer): readonly (string | null)[] {
  let at = 2;
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const length = body.readInt32BE(at);
    at += 4;
    if (length === -1) return null;
    at += length;
    return body.toString('utf8', at - length, at);
  });
}

/** Fields, each a letter and a text. */
function errorIn(body: Buffer): PgSaid {
  const fields = new Map<string, string>();
  for (let at = 0; body[at] !== undefined && body[at] !== 0;) {
    const text = textAt(body, at + 1);
    fields.set(String.fromCharCode(body[at]!), text);
    at += 2 + Buffer.byteLength(text);
  }
  return { kind: 'error', code: fields.get('C') ?? '', message: fields.get('M') ?? '' };
}

function textAt(body: Buffer, from: number): string {
  return body.toString('utf8', from, body.indexOf(0, from));
}
