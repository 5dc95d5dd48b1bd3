/**
 * EDN in chunks: the forms of a file one after another, each with its line, in the memory of one chunk. A file is bare forms,
 * or one vector or list of them.
 */
import { EdnParser, EndOfElement, EndOfText } from './edn.ts';
import { EdnError, type Edn } from './edn-elements.ts';
import { TextWindow } from './text-window.ts';

/** Hands the forms of a file to `take`, which may throw EdnError for what is wrong in one. */
export class EdnStream {
  readonly #take: (form: Edn, at: number) => void;
  readonly #window: TextWindow;
  /** What closes the vector or list around all forms, and the line where that began. */
  #wrapping: { readonly close: string; readonly line: number } | undefined;
  #isStarted = false;
  #isClosed = false;

  constructor(file: string, take: (form: Edn, at: number) => void) {
    this.#take = take;
    this.#window = new TextWindow(file);
  }

  /** The line where the form that is being taken begins. */
  get line(): number {
    return this.#window.line;
  }

  push(bytes: Uint8Array): void {
    this.#window.push(bytes, () => this.#drain(false));
  }

  /**
   * Reads what is left.
   * @returns the line of a last form that was cut off (its line has no end), undefined if there is none
   */
  finish(): number | undefined {
    this.#window.finish();
    const cutLine = this.#drain(true);
    if (this.#wrapping !== undefined && !this.#isClosed) {
      const { close, line } = this.#wrapping;
      this.#window.refuse(0, `the file ends before the ${close} that closes line ${line}: it was cut off`);
    }
    return cutLine;
  }

  #drain(isWhole: boolean): number | undefined {
    const window = this.#window;
    const parser = new EdnParser(window.text, 0, isWhole);
    let done = 0;
    let cutLine: number | undefined;
    try {
      while (parser.next()) {
        window.goTo(parser.at);
        if (!this.#isBracket(parser)) {
          const form = parser.read();
          this.#take(form, window.at);
        }
        done = parser.at;
      }
      done = parser.at;
    } catch (error) {
      if (error instanceof EndOfElement && window.isOnLastLine) {
        cutLine = window.line;
        done = window.text.length;
      } else if (error instanceof EdnError) {
        window.refuse(error.at, error.message);
      } else if (!(error instanceof EndOfText)) {
        throw error;
      }
    }
    window.drop(Math.max(done, window.at));
    return cutLine;
  }

  /** Past what opens or closes the vector around all forms. */
  #isBracket(parser: EdnParser): boolean {
    if (this.#isClosed) throw new EdnError(parser.at, 'something follows the end of the history');
    const char = parser.peek();
    const isClosing = char === this.#wrapping?.close;
    const isOpening = !this.#isStarted && (char === '[' || char === '(');
    this.#isStarted = true;
    if (isClosing) this.#isClosed = true;
    if (isOpening) this.#wrapping = { close: char === '[' ? ']' : ')', line: this.#window.line };
    if (isClosing || isOpening) parser.at++;
    return isClosing || isOpening;
  }
}
