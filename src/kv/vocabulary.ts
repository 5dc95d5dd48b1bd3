/**
 * What clients ask, in the words of the checker's models, as operations of the state machine: one vocabulary a model, because
 * `add` means one thing to a counter and another to a set. The words are all that is shared: nothing here is judged.
 */
import { assert } from '../base/assert.ts';
import type { Json } from '../base/json.ts';
import type { Operation } from '../wire/client-protocol.ts';

/** One operation in the words of a model. */
export interface KvCall {
  readonly f: string;
  readonly key?: string;
  readonly value: Json;
}

/** The words of one model. */
export interface Vocabulary {
  /** By the name of a call. */
  readonly words: Readonly<Record<string, (key: string, value: Json) => Operation>>;
  /** What a read answers where nothing was written. */
  readonly nothing: Json;
}

/** Reads, writes and compare-and-sets. */
export const REGISTERS: Vocabulary = {
  nothing: null,
  words: {
    read: (key) => ({ f: 'read', key }),
    write: (key, value) => ({ f: 'write', key, value }),
    cas: (key, value) => {
      assert(Array.isArray(value) && value.length === 2, 'the value of a cas is [expected, new]');
      const [from, to] = value as readonly Json[];
      return { f: 'cas', key, from: from!, to: to! };
    },
  },
};

const read = REGISTERS.words['read']!;

const VOCABULARIES: Readonly<Record<string, Vocabulary>> = {
  register: REGISTERS,
  'cas-register': REGISTERS,
  kv: {
    nothing: null,
    words: {
      get: read,
      put: REGISTERS.words['write']!,
      append: (key, text) => {
        assert(typeof text === 'string', 'what is appended to a text is a text');
        return { f: 'concat', key, text };
      },
    },
  },
  queue: {
    nothing: null,
    words: {
      enqueue: (key, value) => {
        assert(value !== null, 'null is what a dequeue answers where there is nothing');
        return { f: 'push', key, value };
      },
      dequeue: (key) => ({ f: 'shift', key }),
    },
  },
  lock: {
    nothing: null,
    words: {
      acquire: (key, owner) => ({ f: 'acquire', key, owner }),
      release: (key, owner) => ({ f: 'release', key, owner }),
    },
  },
  counter: {
    nothing: 0,
    words: {
      read,
      add: (key, by) => {
        assert(typeof by === 'number' && Number.isSafeInteger(by), 'what is added to a counter is a whole number');
        return { f: 'increment', key, by };
      },
    },
  },
  set: {
    nothing: [],
    words: {
      read,
      add: (key, value) => ({ f: 'insert', key, value }),
      remove: (key, value) => ({ f: 'remove', key, value }),
    },
  },
  list: {
    nothing: [],
    words: { read, append: (key, value) => ({ f: 'push', key, value }) },
  },
};

/** The words of that model; undefined where clients of this machine have none. */
export function vocabularyOf(model: string): Vocabulary | undefined {
  return Object.hasOwn(VOCABULARIES, model) ? VOCABULARIES[model] : undefined;
}

/** The operation that is asked for. A call that the vocabulary does not have is a defect of whoever drew it. */
export function toOperation({ words }: Vocabulary, { f, key, value }: KvCall): Operation {
  assert(Object.hasOwn(words, f), () => `${f} is none of ${Object.keys(words).join(', ')}`);
  assert(key !== undefined, () => `${f} needs a key`);
  return words[f]!(key, value);
}
