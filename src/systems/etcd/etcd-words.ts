/**
 * What etcd is asked in the words of each model, a request each. Comparisons are of values, or of whether there is a key, in transactions that are
 * entries of the log: their "no" is an observation. A set is a key for each member. A queue is one as well, and its head the key that was made first;
 * to take it needs two requests (`takeHead`).
 */
import type { Completion } from '../../contract/cluster.ts';
import type { Session } from '../../contract/system.ts';

type Json = Parameters<Session['ask']>[0]['value'];

/** What the gateway answers, as far as it is looked at. Whole numbers come as texts, and what is zero, false or empty is left out. */
export interface Body {
  readonly header?: { readonly raft_term?: string };
  readonly kvs?: readonly Pair[];
  readonly succeeded?: boolean;
  readonly deleted?: string;
  readonly responses?: readonly { readonly response_range?: { readonly kvs?: readonly Pair[] } }[];
  readonly message?: string;
  readonly error?: string;
}

interface Pair {
  readonly key?: string;
  readonly value?: string;
  readonly create_revision?: string;
}

export interface EtcdRequest {
  readonly path: string;
  readonly body: object;
}

interface Word {
  readonly isRead?: boolean;
  readonly request: (key: string, value: Json) => EtcdRequest;
  readonly meaning: (body: Body, key: string) => Meaning;
}

type Meaning =
  { readonly kind: 'ok'; readonly output: Json } | Pick<Extract<Completion, { kind: 'fail' }>, 'kind' | 'error'>;

/** The word for that call. Throws where there is none. */
export function wordFor(vocabulary: string, f: string): Word {
  const word = VOCABULARIES[vocabulary]?.[f];
  if (word === undefined) throw new Error(`etcd is not asked to ${f} of ${vocabulary}`);
  return word;
}

/** The first of a queue: `find` it, and then `take` what was found, unless somebody else did. */
export const HEAD: {
  readonly find: (key: string) => EtcdRequest;
  readonly take: (found: Pair) => EtcdRequest;
} = {
  find: (key) => ({
    path: '/v3/kv/range',
    body: { ...below(key), limit: '1', sort_order: 'ASCEND', sort_target: 'CREATE' },
  }),
  take: ({ key, create_revision: revision }) =>
    transaction(
      { key, target: 'CREATE', create_revision: revision },
      { success: [{ request_delete_range: { key } }], failure: [] },
    ),
};

/** What is in it. */
export function valueOf({ value }: Pair): Json {
  return JSON.parse(text(value ?? '')) as Json;
}

const done = (): Meaning => ({ kind: 'ok', output: null });
const succeeded = (body: Body): Meaning => ({ kind: 'ok', output: body.succeeded === true });

const VOCABULARIES: Readonly<Record<string, Readonly<Record<string, Word>>>> = {
  register: {
    read: {
      isRead: true,
      request: (key) => ({ path: '/v3/kv/range', body: { key: base64(key) } }),
      meaning: ({ kvs }) => ({ kind: 'ok', output: kvs?.[0] === undefined ? null : valueOf(kvs[0]) }),
    },
    write: { request: (key, value) => put(key, value), meaning: done },
    cas: {
      request: (key, pair) => {
        const [from, to] = pair as readonly [Json, Json];
        const compare = from === null ? isAbsent(key) : isValue(key, from);
        return transaction(compare, { success: [{ request_put: put(key, to).body }], failure: [] });
      },
      meaning: (body) => (body.succeeded === true ? { kind: 'ok', output: true } : { kind: 'fail', error: 'mismatch' }),
    },
  },
  set: {
    read: {
      isRead: true,
      request: (key) => ({ path: '/v3/kv/range', body: { ...below(key), keys_only: true } }),
      meaning: ({ kvs = [] }, key) => ({ kind: 'ok', output: kvs.map((pair) => memberIn(pair, key)) }),
    },
    add: { request: (key, value) => putOnce(memberKey(key, value), value), meaning: succeeded },
    remove: {
      request: (key, value) => ({ path: '/v3/kv/deleterange', body: { key: base64(memberKey(key, value)) } }),
      meaning: ({ deleted }) => ({ kind: 'ok', output: deleted === '1' }),
    },
  },
  queue: {
    enqueue: { request: (key, value) => put(memberKey(key, value), value), meaning: done },
  },
  lock: {
    acquire: { request: putOnce, meaning: succeeded },
    release: {
      request: (key, owner) =>
        transaction(isValue(key, owner), {
          success: [{ request_delete_range: { key: base64(key) } }],
          failure: [{ request_range: { key: base64(key) } }],
        }),
      meaning: ({ succeeded: isReleased, responses }) => {
        if (isReleased === true) return { kind: 'ok', output: true };
        const isHeld = responses?.[0]?.response_range?.kvs !== undefined;
        return isHeld ? { kind: 'fail', error: 'not-holder' } : { kind: 'ok', output: false };
      },
    },
  },
};

function put(key: string, value: Json): EtcdRequest {
  return { path: '/v3/kv/put', body: { key: base64(key), value: base64(JSON.stringify(value)) } };
}

function putOnce(key: string, value: Json): EtcdRequest {
  return transaction(isAbsent(key), { success: [{ request_put: put(key, value).body }], failure: [] });
}

function transaction(
  compare: object,
  then: { readonly success: readonly object[]; readonly failure: readonly object[] },
): EtcdRequest {
  return { path: '/v3/kv/txn', body: { compare: [{ result: 'EQUAL', ...compare }], ...then } };
}

function isAbsent(key: string): object {
  return { key: base64(key), target: 'VERSION', version: '0' };
}

function isValue(key: string, value: Json): object {
  return { key: base64(key), target: 'VALUE', value: base64(JSON.stringify(value)) };
}

function memberKey(key: string, value: Json): string {
  return `${key}/${JSON.stringify(value)}`;
}

function memberIn(pair: Pair, key: string): Json {
  return JSON.parse(text(pair.key ?? '').slice(key.length + 1)) as Json;
}

/** All that begins with `key/`: up to what comes after the slash. */
function below(key: string): object {
  return { key: base64(`${key}/`), range_end: base64(`${key}0`) };
}

function base64(word: string): string {
  return Buffer.from(word).toString('base64');
}

function text(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString();
}
