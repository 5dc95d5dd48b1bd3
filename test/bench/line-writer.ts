/**
 * Writes the lines of a history to disk as the recorder does: its names, in its order. A buffer of a megabyte, so that a
 * history of any length costs no memory.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const FLUSH_CHARACTERS = 1 << 20;

/** What stands on every line. `value` is JSON already. */
export interface Line {
  readonly timeNs: number;
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly key: string | undefined;
  readonly value: string;
}

/** Who answered, as the bundled node reports it. */
export interface Answerer {
  readonly node: string;
  readonly term: number;
  readonly applied: number;
}

/** A file of history lines. Close it. */
export class LineWriter {
  readonly #descriptor: number;
  #text = '';
  #index = 0;
  #bytes = 0;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'w');
  }

  /** The index that the next line will have. */
  get index(): number {
    return this.#index;
  }

  /** Written so far. The lines are ASCII. */
  get bytes(): number {
    return this.#bytes + this.#text.length;
  }

  invoke(line: Line, node: string): void {
    this.#write(`${this.#head(line)},"node":"${node}"}\n`);
  }

  answer(line: Line, { node, term, applied }: Answerer, error?: string): void {
    const reason = error === undefined ? '' : `,"error":"${error}"`;
    this.#write(`${this.#head(line)}${reason},"node":"${node}","term":${term},"applied":${applied}}\n`);
  }

  unknown(line: Line, error: string): void {
    this.#write(`${this.#head(line)},"error":"${error}"}\n`);
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #head({ timeNs, process, type, f, key, value }: Line): string {
    const named = key === undefined ? '' : `"key":"${key}",`;
    return `{"index":${this.#index++},"time":${timeNs},"process":${process},"type":"${type}","f":"${f}",${named}"value":${value}`;
  }

  #write(line: string): void {
    this.#text += line;
    if (this.#text.length >= FLUSH_CHARACTERS) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text, 'latin1');
    for (let written = 0; written < bytes.length;) written += writeSync(this.#descriptor, bytes, written);
    this.#bytes += bytes.length;
    this.#text = '';
  }
}
