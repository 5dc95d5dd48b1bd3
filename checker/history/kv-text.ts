/**
 * Reads Porcupine's kv text: one map a line, `{:process 0, :type :invoke, :f :append, :key "0", :value "x"}`. Operations are
 * `:get`, `:put` and `:append` on strings; every key starts as "". It is EDN with a `:key`, and is read as such.
 */
import { EdnReader, type EdnDialect } from './edn-reader.ts';
import type { ReadingOptions } from './reading.ts';

const KNOWN: readonly string[] = ['get', 'put', 'append'];

/** Three operations on strings, and a key in each map. */
const KV_TEXT: EdnDialect = {
  hasKeys: true,
  refusal: (f) => (KNOWN.includes(f) ? undefined : `kv text knows :get, :put and :append, not :${f}`),
};

/** Reads one history. */
export class KvTextReader extends EdnReader {
  constructor(name: string, options: ReadingOptions = {}) {
    super(name, options, KV_TEXT);
  }
}
