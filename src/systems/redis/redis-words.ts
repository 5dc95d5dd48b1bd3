/**
 * What Redis is asked in the words of each model: a list is a queue, a set a set, and a lock a text that is written only where there is none. Each is
 * one command, so that it is done whole or not at all.
 */
import type { Completion } from '../../contract/cluster.ts';
import type { Session } from '../../contract/system.ts';
import type { Reply } from './resp.ts';

type Call = Parameters<Session['ask']>[0];
type Json = Call['value'];

/** One word of a vocabulary. */
interface Word {
  readonly isRead?: boolean;
  readonly command: (key: string, value: Json) => readonly string[];
  /** What the reply says, where it is no error. */
  readonly meaning: (reply: Reply) => Meaning;
}

type Meaning =
  { readonly kind: 'ok'; readonly output: Json } | Pick<Extract<Completion, { kind: 'fail' }>, 'kind' | 'error'>;

/** The word for that call. Throws where there is none. */
export function wordFor(vocabulary: string, f: string): Word {
  const word = VOCABULARIES[vocabulary]?.[f];
  if (word === undefined) throw new Error(`Redis is not asked to ${f} of ${vocabulary}`);
  return word;
}

/**
 * Compares the value and writes, in one step. The first line makes it a script that writes, which a replica refuses as a whole: otherwise one
 * that lags would answer by itself that the value is another one.
 */
const CAS = `#!lua
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`;

const RELEASE = `#!lua
local holder = redis.call('GET', KEYS[1])
if not holder then return 0 end
if holder ~= ARGV[1] then return -1 end
redis.call('DEL', KEYS[1])
return 1`;

const done = (): Meaning => ({ kind: 'ok', output: null });
const changed = (reply: Reply): Meaning => ({ kind: 'ok', output: reply === 1 });
const value = (reply: Reply): Meaning => ({ kind: 'ok', output: valueIn(reply) });

const VOCABULARIES: Readonly<Record<string, Readonly<Record<string, Word>>>> = {
  register: {
    read: { isRead: true, command: (key) => ['GET', key], meaning: value },
    write: { command: (key, written) => ['SET', key, encoded(written)], meaning: done },
    cas: {
      command: (key, pair) => {
        const [from, to] = pair as readonly [Json, Json];
        return ['EVAL', CAS, '1', key, from === null ? '' : encoded(from), encoded(to)];
      },
      meaning: (reply) => (reply === 1 ? { kind: 'ok', output: true } : { kind: 'fail', error: 'mismatch' }),
    },
  },
  queue: {
    enqueue: { command: (key, item) => ['RPUSH', key, encoded(item)], meaning: done },
    dequeue: { command: (key) => ['LPOP', key], meaning: value },
  },
  set: {
    read: {
      isRead: true,
      command: (key) => ['SMEMBERS', key],
      meaning: (reply) => ({ kind: 'ok', output: (reply as readonly Reply[]).map(valueIn) }),
    },
    add: { command: (key, item) => ['SADD', key, encoded(item)], meaning: changed },
    remove: { command: (key, item) => ['SREM', key, encoded(item)], meaning: changed },
  },
  lock: {
    acquire: {
      command: (key, owner) => ['SET', key, encoded(owner), 'NX'],
      meaning: (reply) => ({ kind: 'ok', output: reply === 'OK' }),
    },
    release: {
      command: (key, owner) => ['EVAL', RELEASE, '1', key, encoded(owner)],
      meaning: (reply) => (reply === -1 ? { kind: 'fail', error: 'not-holder' } : changed(reply)),
    },
  },
};

function valueIn(reply: Reply): Json {
  return typeof reply === 'string' ? (JSON.parse(reply) as Json) : null;
}

/** Never empty, so that an empty text can mean that there is nothing. */
function encoded(item: Json): string {
  return JSON.stringify(item);
}
