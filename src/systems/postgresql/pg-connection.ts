/** One connection to one PostgreSQL, opened when it is first used. It resends nothing: when it breaks, what was asked is left open. */
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../../contract/system.ts';
import { decodeSaid, encodeQuery, encodeStartup, type PgSaid } from './pg-wire.ts';

export const SUPERUSER = 'postgres';

/** `unsent`: the query never left. `refused`: the server said that it was not done. */
export type PgAnswer =
  | { readonly kind: 'answered'; readonly rows: readonly (readonly (string | null)[])[]; readonly tag: string }
  | { readonly kind: 'refused' | 'unsent' | 'lost'; readonly error: string };

/** Errors after which nobody knows: the connection ends while the query is under way (shut down, crash of another backend). */
const OPEN_ENDS = /^(?:08|57P|40003|XX)/;

interface Open {
  readonly rows: (readonly (string | null)[])[];
  tag: string;
  error: Extract<PgSaid, { kind: 'error' }> | null;
  readonly resolve: (answer: PgAnswer) => void;
  /** Ends it without an answer. */
  readonly fail: (why: string) => void;
}

interface Life {
  readonly socket: Socket;
  /** The greeting first, and then a query at a time. */
  open: Open | null;
  readonly greeted: Promise<PgAnswer>;
}

/** Who is not greeted by then never will be: what was said got lost. */
const GREETED_WITHIN_MS = 2000;

export class PgConnection {
  readonly #endpoint: Endpoint;
  #life: Life | null = null;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /**
   * One who gives up before the greeting leaves the connection to the next one: each is a process that the server has to fork, and one that is
   * slow to do so would never get to the end of any if all were thrown away.
   */
  async ask(sql: string, timeoutMs: number): Promise<PgAnswer> {
    const life = (this.#life ??= this.#begin());
    let onTimeout = (): void => {};
    const late = new Promise<PgAnswer>((resolve) => {
      onTimeout = () => resolve({ kind: 'unsent', error: 'timeout' });
    });
    const timer = setTimeout(() => onTimeout(), Math.max(1, timeoutMs));
    try {
      const greeted = await Promise.race([life.greeted, late]);
      onTimeout = () => this.#end(life, 'timeout');
      if (greeted.kind !== 'answered') return { kind: 'unsent', error: greeted.error };
      const answer = await waiting(life, 'lost', () => life.socket.write(encodeQuery(sql)));
      if (answer.kind === 'lost') this.#end(life, 'lost');
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    if (this.#life !== null) this.#end(this.#life, 'closed');
  }

  #begin(): Life {
    const socket = connect({ ...this.#endpoint, noDelay: true });
    const life: { -readonly [key in keyof Life]: Life[key] } = { socket, open: null, greeted: undefined! };
    const patience = setTimeout(() => this.#end(life, 'timeout'), GREETED_WITHIN_MS);
    life.greeted = waiting(life, 'unsent', () => {}).finally(() => clearTimeout(patience));
    let received: Buffer = Buffer.alloc(0);
    socket.once('connect', () => socket.write(encodeStartup(SUPERUSER)));
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      for (let next = decodeSaid(received); next !== null; next = decodeSaid(received)) {
        received = received.subarray(next.end);
        onSaid(life, next.said);
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(life, error.code ?? error.message));
    socket.once('close', () => this.#end(life, 'closed'));
    return life;
  }

  #end(life: Life, why: string): void {
    if (this.#life === life) this.#life = null;
    life.socket.destroy();
    life.open?.fail(life.open.error?.message ?? why);
  }
}

/** Resolves when the server is ready for the next, or the connection is gone. */
function waiting(life: Life, otherwise: 'unsent' | 'lost', begin: () => void): Promise<PgAnswer> {
  return new Promise((resolve) => {
    if (life.socket.destroyed) return resolve({ kind: 'unsent', error: 'closed' });
    const settle = (answer: PgAnswer): void => {
      life.open = null;
      resolve(answer);
    };
    life.open = {
      rows: [],
      tag: '',
      error: null,
      resolve: settle,
      fail: (error) => settle({ kind: otherwise, error }),
    };
    begin();
  });
}

function onSaid({ open }: Life, said: PgSaid): void {
  if (open === null) return;
  if (said.kind === 'row') open.rows.push(said.values);
  if (said.kind === 'done') open.tag = said.tag;
  if (said.kind === 'error') open.error = said;
  if (said.kind !== 'ready') return;
  const { rows, tag, error } = open;
  if (error === null) return open.resolve({ kind: 'answered', rows, tag });
  open.resolve({ kind: OPEN_ENDS.test(error.code) ? 'lost' : 'refused', error: error.message });
}
