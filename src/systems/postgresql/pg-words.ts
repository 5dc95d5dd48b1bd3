/**
 * What PostgreSQL is asked in the words of each model, one statement each. An update finds its row by the value, so that its "no" is an observation of
 * the primary. A queue is taken from as people do it, `FOR UPDATE SKIP LOCKED`: nobody waits for a row that another one is about to take.
 * Takers that meet may so take out of order, or find nothing where something came in meanwhile: a true violation, of that query.
 */
import type { Completion } from '../../contract/cluster.ts';
import type { Session } from '../../contract/system.ts';
import type { PgAnswer } from './pg-connection.ts';
import { literal } from './pg-wire.ts';

type Json = Parameters<Session['ask']>[0]['value'];
type Answered = Extract<PgAnswer, { kind: 'answered' }>;

const REGISTERS = 'stalemate_registers';
const MEMBERS = 'stalemate_members';
const QUEUES = 'stalemate_queues';

/** Makes the tables that are not there yet. */
export const MAKE_TABLES: string = `
  CREATE TABLE IF NOT EXISTS ${REGISTERS} (key text PRIMARY KEY, value text);
  CREATE TABLE IF NOT EXISTS ${MEMBERS} (key text, value text, PRIMARY KEY (key, value));
  CREATE TABLE IF NOT EXISTS ${QUEUES} (place bigserial PRIMARY KEY, key text, value text)`;

interface Word {
  /** A read answers in its first column whether a replica said it, and in its second the value. */
  readonly isRead?: boolean;
  readonly statement: (key: string, value: Json) => string;
  readonly meaning: (answer: Answered) => Meaning;
}

type Meaning =
  { readonly kind: 'ok'; readonly output: Json } | Pick<Extract<Completion, { kind: 'fail' }>, 'kind' | 'error'>;

/** The word for that call, whose key and value are to be literals. Throws where there is none. */
export function wordFor(vocabulary: string, f: string): Word {
  const word = VOCABULARIES[vocabulary]?.[f];
  if (word === undefined) throw new Error(`PostgreSQL is not asked to ${f} of ${vocabulary}`);
  return word;
}

const done = (): Meaning => ({ kind: 'ok', output: null });
const changed = ({ tag }: Answered): Meaning => ({ kind: 'ok', output: tag.endsWith(' 1') });
const swapped = ({ tag }: Answered): Meaning =>
  tag.endsWith(' 1') ? { kind: 'ok', output: true } : { kind: 'fail', error: 'mismatch' };

const VOCABULARIES: Readonly<Record<string, Readonly<Record<string, Word>>>> = {
  register: {
    read: {
      isRead: true,
      statement: (key) => `SELECT pg_is_in_recovery(), (SELECT value FROM ${REGISTERS} WHERE key = ${key})`,
      meaning: ({ rows }) => ({ kind: 'ok', output: decoded(rows[0]?.[1]) }),
    },
    write: {
      statement: (key, value) =>
        `INSERT INTO ${REGISTERS} VALUES (${key}, ${encoded(value)}) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value`,
      meaning: done,
    },
    cas: {
      statement: (key, pair) => {
        const [from, to] = pair as readonly [Json, Json];
        if (from === null) return putOnce(key, to);
        return `UPDATE ${REGISTERS} SET value = ${encoded(to)} WHERE key = ${key} AND value = ${encoded(from)}`;
      },
      meaning: swapped,
    },
  },
  set: {
    read: {
      isRead: true,
      statement: (key) =>
        `SELECT pg_is_in_recovery(), (SELECT '[' || coalesce(string_agg(value, ','), '') || ']' FROM ${MEMBERS} WHERE key = ${key})`,
      meaning: ({ rows }) => ({ kind: 'ok', output: decoded(rows[0]?.[1]) }),
    },
    add: {
      statement: (key, value) => `INSERT INTO ${MEMBERS} VALUES (${key}, ${encoded(value)}) ON CONFLICT DO NOTHING`,
      meaning: changed,
    },
    remove: {
      statement: (key, value) => `DELETE FROM ${MEMBERS} WHERE key = ${key} AND value = ${encoded(value)}`,
      meaning: changed,
    },
  },
  queue: {
    enqueue: {
      statement: (key, value) => `INSERT INTO ${QUEUES} (key, value) VALUES (${key}, ${encoded(value)})`,
      meaning: done,
    },
    dequeue: {
      statement: (key) =>
        `DELETE FROM ${QUEUES} WHERE place = (SELECT place FROM ${QUEUES} WHERE key = ${key} ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING value`,
      meaning: ({ rows }) => ({ kind: 'ok', output: decoded(rows[0]?.[0]) }),
    },
  },
  lock: {
    acquire: { statement: putOnce, meaning: changed },
    release: {
      // Both halves see the row as it was when the statement began. Where it was the owner's and is not there to delete, an earlier release of the
      // same owner, which nobody waits for any more, was quicker: the lock was free then.
      statement: (key, owner) =>
        `WITH gone AS (DELETE FROM ${REGISTERS} WHERE key = ${key} AND value = ${encoded(owner)} RETURNING 1)
         SELECT (SELECT count(*) FROM gone), (SELECT value <> ${encoded(owner)} FROM ${REGISTERS} WHERE key = ${key})`,
      meaning: ({ rows }) => {
        const [gone, isOfAnother] = rows[0] ?? [];
        if (gone === '1') return { kind: 'ok', output: true };
        return isOfAnother === 't' ? { kind: 'fail', error: 'not-holder' } : { kind: 'ok', output: false };
      },
    },
  },
};

function putOnce(key: string, value: Json): string {
  return `INSERT INTO ${REGISTERS} VALUES (${key}, ${encoded(value)}) ON CONFLICT (key) DO NOTHING`;
}

function encoded(value: Json): string {
  return literal(JSON.stringify(value));
}

function decoded(text: string | null | undefined): Json {
  return typeof text === 'string' ? (JSON.parse(text) as Json) : null;
}
