/**
 * EDN in chunks: the forms of a file one after another, each with its line, in the memory of one chunk. A file is bare forms,
 * or one vector or list of them.
 */
import { Characters } from './characters.ts';
import { EdnError, EdnParser, EndOfElement, EndOfText, type Edn } from './edn.ts';
import { HistoryError } from './error.ts';

/** Characters of one form. */
const FORM_MAX = 1 << 24;

/** Hands the forms of a file to `take`, which may throw EdnError for what is wrong in one. */
export class EdnStream {
  readonly #file: string;
  readonly #take: (form: Edn, at: number) => void;
  readonly #characters = new Characters();
  /** What is not read yet: at most an unfinished form once `push` has returned. */
  #text = '';
  /** Length of an unfinished form that was tried: no new attempt until the text has doubled, so that tiny chunks cost little. */
  #tried = 0;
  /** A place in the text, its line, and the next end of a line: all growing. */
  #placeAt = 0;
  #placeLine = 1;
  #newlineAt = -1;
  /** What closes the vector or list around all forms, and the line where that began. */
  #wrapping: { readonly close: string; readonly line: number } | undefined;
  #isStarted = false;
  #isClosed = false;

  constructor(file: string, take: (form: Edn, at: number) => void) {
    this.#file = file;
    this.#take = take;
  }

  push(bytes: Uint8Array): void {
    this.#text += this.#characters.push(bytes);
    if (this.#characters.isBroken) this.#refuseBytes();
    if (this.#text.length < 2 * this.#tried) return;
    this.#drain(false);
    this.#tried = this.#text.length;
    if (this.#tried > FORM_MAX) this.refuse(0, `a form of more than ${FORM_MAX} characters`);
  }

  /**
   * Reads what is left.
   * @returns the line of a last form that was cut off (its line has no end), undefined if there is none
   */
  finish(): number | undefined {
    this.#characters.finish();
    if (this.#characters.isBroken) this.#refuseBytes();
    const cutLine = this.#drain(true);
    if (this.#wrapping !== undefined && !this.#isClosed) {
      const { close, line } = this.#wrapping;
      this.refuse(this.#text.length, `the file ends before the ${close} that closes line ${line}: it was cut off`);
    }
    return cutLine;
  }

  /** The line where the form that is being taken begins. */
  get line(): number {
    return this.#placeLine;
  }

  /** The line of a place in the form that is being taken. */
  lineOf(at: number): number {
    return this.#placeLine + newlines(this.#text, this.#placeAt, at);
  }

  refuse(at: number, reason: string): never {
    throw new HistoryError(this.#file, this.lineOf(at), reason);
  }

  #drain(isWhole: boolean): number | undefined {
    const parser = new EdnParser(this.#text, 0, isWhole);
    let done = 0;
    let cutLine: number | undefined;
    try {
      while (parser.next()) {
        this.#goTo(parser.at);
        if (!this.#isBracket(parser)) {
          const form = parser.read();
          this.#take(form, this.#placeAt);
        }
        done = parser.at;
      }
      done = parser.at;
    } catch (error) {
      if (error instanceof EndOfElement && this.#isLastLine()) {
        cutLine = this.#placeLine;
        done = this.#text.length;
      } else if (error instanceof EdnError) {
        this.refuse(error.at, error.message);
      } else if (!(error instanceof EndOfText)) {
        throw error;
      }
    }
    this.#goTo(done);
    this.#text = this.#text.slice(done);
    this.#placeAt = 0;
    this.#newlineAt = -1;
    return cutLine;
  }

  /** Past what opens or closes the vector around all forms. */
  #isBracket(parser: EdnParser): boolean {
    if (this.#isClosed) throw new EdnError(parser.at, 'something follows the end of the history');
    const char = parser.peek();
    if (char === this.#wrapping?.close) {
      this.#isClosed = true;
    } else if (!this.#isStarted && (char === '[' || char === '(')) {
      this.#wrapping = { close: char === '[' ? ']' : ')', line: this.#placeLine };
    } else {
      this.#isStarted = true;
      return false;
    }
    this.#isStarted = true;
    parser.at++;
    return true;
  }

  /** True if nothing but an unfinished line is left, as a crash leaves it. */
  #isLastLine(): boolean {
    return this.#wrapping === undefined && !this.#text.includes('\n', this.#placeAt);
  }

  #goTo(at: number): void {
    while (this.#newlineAt < at) {
      if (this.#newlineAt >= this.#placeAt) this.#placeLine++;
      const next = this.#text.indexOf('\n', this.#newlineAt + 1);
      this.#newlineAt = next < 0 ? Infinity : next;
    }
    this.#placeAt = at;
  }

  #refuseBytes(): never {
    this.#drain(false);
    this.refuse(this.#text.length, 'bytes that are no UTF-8 text');
  }
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
