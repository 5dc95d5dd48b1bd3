/** Text in chunks, line by line. */
import { Characters } from './characters.ts';
import { HistoryError } from './error.ts';

/** Characters of one line. */
const LINE_MAX = 1 << 24;

/** Hands the lines of a file to `take`, without their ends. */
export class Lines {
  readonly #file: string;
  readonly #take: (line: string, number: number) => void;
  readonly #characters = new Characters();
  #rest: string[] = [];
  #restLength = 0;
  #number = 0;

  constructor(file: string, take: (line: string, number: number) => void) {
    this.#file = file;
    this.#take = take;
  }

  /** How many lines were taken. */
  get count(): number {
    return this.#number;
  }

  push(bytes: Uint8Array): void {
    const text = this.#characters.push(bytes);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#end(text.slice(from, end));
      from = end + 1;
    }
    const rest = text.slice(from);
    this.#rest.push(rest);
    this.#restLength += rest.length;
    if (this.#characters.isBroken) this.#refuse('bytes that are no UTF-8 text');
    if (this.#restLength > LINE_MAX) this.#refuse(`a line of more than ${LINE_MAX} characters`);
  }

  /** @returns what follows the last end of a line: '' unless the last line was cut off or has no end */
  finish(): string {
    this.#characters.finish();
    if (this.#characters.isBroken) this.#refuse('bytes that are no UTF-8 text');
    return this.#rest.join('');
  }

  #end(text: string): void {
    const line = this.#rest.join('') + text;
    this.#rest = [];
    this.#restLength = 0;
    this.#take(line.endsWith('\r') ? line.slice(0, -1) : line, ++this.#number);
  }

  #refuse(reason: string): never {
    throw new HistoryError(this.#file, this.#number + 1, reason);
  }
}
