/**
 * A part of a text that comes in chunks: what is not read yet, and the line of any place in it. Readers of forms that may go
 * over many lines look for the next whole one here, and drop what they have read.
 */
import { Characters } from './characters.ts';
import { HistoryError } from './error.ts';

/** Characters of one form. */
const FORM_MAX = 1 << 24;

/** The characters between what was read and what came last. */
export class TextWindow {
  readonly #file: string;
  readonly #characters = new Characters();
  text = '';
  /** Length of an unfinished form that was tried: no new attempt until the text has doubled, so that tiny chunks cost little. */
  #tried = 0;
  /** A place in the text, its line, and the next end of a line: all growing. */
  #placeAt = 0;
  #placeLine = 1;
  #newlineAt = -1;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Takes the next bytes.
   * @param read reads the whole forms in `text`, and calls `drop`
   */
  push(bytes: Uint8Array, read: () => void): void {
    this.text += this.#characters.push(bytes);
    const { isBroken } = this.#characters;
    if (!isBroken && this.text.length < 2 * this.#tried) return;
    read();
    if (isBroken) this.#refuseBytes();
    this.#tried = this.text.length;
    if (this.#tried > FORM_MAX) this.refuse(0, `a form of more than ${FORM_MAX} characters`);
  }

  /** No more bytes come: `text` is all that is left. */
  finish(): void {
    this.#characters.finish();
    if (this.#characters.isBroken) this.#refuseBytes();
  }

  /** The line of the place that was gone to last. */
  get line(): number {
    return this.#placeLine;
  }

  /** The place that was gone to last. */
  get at(): number {
    return this.#placeAt;
  }

  /** To a place behind the last one. */
  goTo(at: number): void {
    while (this.#newlineAt < at) {
      if (this.#newlineAt >= this.#placeAt) this.#placeLine++;
      const next = this.text.indexOf('\n', this.#newlineAt + 1);
      this.#newlineAt = next < 0 ? Infinity : next;
    }
    this.#placeAt = at;
  }

  /** The line of a place behind the one that was gone to last. */
  lineOf(at: number): number {
    let line = this.#placeLine;
    for (
      let end = this.text.indexOf('\n', this.#placeAt);
      end >= 0 && end < at;
      end = this.text.indexOf('\n', end + 1)
    ) {
      line++;
    }
    return line;
  }

  /** True if nothing but an unfinished line is left behind that place, as a crash leaves it. */
  get isOnLastLine(): boolean {
    return !this.text.includes('\n', this.#placeAt);
  }

  /** Forgets the text before a place. */
  drop(at: number): void {
    this.goTo(at);
    this.text = this.text.slice(at);
    this.#placeAt = 0;
    this.#newlineAt = -1;
  }

  refuse(at: number, reason: string): never {
    this.refuseLine(this.lineOf(at), reason);
  }

  refuseLine(line: number, reason: string): never {
    throw new HistoryError(this.#file, line, reason);
  }

  #refuseBytes(): never {
    this.refuse(this.text.length, 'bytes that are no UTF-8 text');
  }
}
