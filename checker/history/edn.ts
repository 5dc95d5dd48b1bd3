/**
 * EDN, the notation that Clojure programs write their data in, as far as histories use it: one element after another, read
 * from a text that may end in the middle of one. What an element means to a history is not decided here.
 */
import { EdnError, EdnMap, EdnSet, Keyword, Scalar, Tagged, type Edn } from './edn-elements.ts';
import { characterText, numberOf, unescaped } from './edn-scalars.ts';

/** The text ended before the element did: more of it may come. */
export class EndOfText extends Error {
  override readonly name = 'EndOfText';
}

const END = new EndOfText('the text ends inside an element');

/** Elements inside elements. */
const DEPTH_MAX = 200;

const OPENING: ReadonlyMap<number, number> = new Map([
  [0x7b, 0x7d],
  [0x5b, 0x5d],
  [0x28, 0x29],
]);

/** Classes of the ASCII characters: what may stand in a token, what separates. */
const TOKEN = 1;
const SPACE = 2;
const CLASS = new Uint8Array(128);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.*+!-_?$%&=<>/:#'|") {
  CLASS[char.charCodeAt(0)] = TOKEN;
}
for (const char of ' \t\n\r\f,') CLASS[char.charCodeAt(0)] = SPACE;

/** Reads elements from a text. */
export class EdnParser {
  readonly #text: string;
  /** True if no more text comes, so that a token may end with the text. */
  readonly #isWhole: boolean;
  /** Where the next element is looked for. */
  at: number;

  constructor(text: string, at: number, isWhole: boolean) {
    this.#text = text;
    this.at = at;
    this.#isWhole = isWhole;
  }

  /**
   * To the next element that is not discarded, past white space and comments.
   * @returns false if there is none in the text. `at` is then where nothing but space, or an unfinished comment, follows.
   * @throws EndOfText if a discarded element is not whole
   */
  next(): boolean {
    for (;;) {
      if (!this.#skipSpace()) return false;
      if (!this.#isDiscard()) return true;
      this.#discard(0);
    }
  }

  /**
   * The element at `at`.
   * @throws EdnError for what is no EDN, EndOfText if it is not whole
   */
  read(): Edn {
    return this.#element(0);
  }

  /** The character at `at`. */
  peek(): string {
    return this.#text.charAt(this.at);
  }

  #element(depth: number): Edn {
    if (depth > DEPTH_MAX) this.#refuse(`elements are nested more than ${DEPTH_MAX} deep`);
    const char = this.#text.charCodeAt(this.at);
    switch (char) {
      case 0x7b: // {
        return this.#map(depth);
      case 0x5b: // [
      case 0x28: // (
        return this.#sequence(depth);
      case 0x22: // "
        return this.#string();
      case 0x3a: // :
        return this.#keyword();
      case 0x23: // #
        return this.#dispatch(depth);
      case 0x5c: // \
        return this.#char();
      case 0x7d:
      case 0x5d:
      case 0x29:
        return this.#refuse(`${this.peek()} closes nothing`);
      default:
        return this.#word();
    }
  }

  #map(depth: number): EdnMap {
    const open = this.at;
    const keys: Edn[] = [];
    const values: Edn[] = [];
    const starts: number[] = [];
    this.at++;
    while (this.#more(open, 0x7d, depth)) {
      keys.push(this.#element(depth + 1));
      if (!this.#more(open, 0x7d, depth)) throw new EdnError(open, 'a map has a key without a value');
      starts.push(this.at);
      values.push(this.#element(depth + 1));
    }
    return new EdnMap(keys, values, starts);
  }

  #sequence(depth: number): readonly Edn[] {
    const open = this.at;
    const close = OPENING.get(this.#text.charCodeAt(open))!;
    const items: Edn[] = [];
    this.at++;
    while (this.#more(open, close, depth)) items.push(this.#element(depth + 1));
    return items;
  }

  /** To the next element inside what opened at `open`, or past its end (then false). */
  #more(open: number, close: number, depth: number): boolean {
    for (;;) {
      if (!this.#skipSpace()) this.#end(open);
      const char = this.#text.charCodeAt(this.at);
      if (char === close) {
        this.at++;
        return false;
      }
      if (char === 0x7d || char === 0x5d || char === 0x29) {
        this.#refuse(`${this.peek()} does not close the ${this.#text.charAt(open)} before it`);
      }
      if (!this.#isDiscard()) return true;
      this.#discard(depth);
    }
  }

  #isDiscard(): boolean {
    if (this.#text.charCodeAt(this.at) !== 0x23) return false;
    if (this.at + 1 === this.#text.length) this.#end(this.at);
    return this.#text.charCodeAt(this.at + 1) === 0x5f;
  }

  /** `#_ element`; the element may have discarded ones before it. */
  #discard(depth: number): void {
    if (depth > DEPTH_MAX) this.#refuse(`elements are nested more than ${DEPTH_MAX} deep`);
    const start = this.at;
    this.at += 2;
    this.#wanted(start, depth);
    this.#element(depth + 1);
  }

  /** To the element that `#_` or a tag at `start` speaks of. */
  #wanted(start: number, depth: number): void {
    for (;;) {
      if (!this.#skipSpace()) this.#end(start);
      if (!this.#isDiscard()) return;
      this.#discard(depth + 1);
    }
  }

  #dispatch(depth: number): Edn {
    const start = this.at;
    if (start + 1 === this.#text.length) this.#end(start);
    const second = this.#text.charCodeAt(start + 1);
    if (second === 0x7b) {
      this.at++;
      const items: Edn[] = [];
      this.at++;
      while (this.#more(start + 1, 0x7d, depth)) items.push(this.#element(depth + 1));
      return new EdnSet(items);
    }
    this.at++;
    const tag = this.#token();
    if (tag === '#Inf' || tag === '#-Inf') return new Scalar(`#${tag}`);
    if (tag === '#NaN') throw new EdnError(start, '##NaN equals nothing, not even itself');
    if (!/^[A-Za-z]/.test(tag)) throw new EdnError(start, `#${tag} is no EDN`);
    this.#wanted(start, depth);
    return new Tagged(tag, this.#element(depth + 1));
  }

  #string(): string {
    const start = this.at;
    for (let end = start + 1; ; end++) {
      end = this.#text.indexOf('"', end);
      if (end < 0) this.#end(start);
      let slashes = 0;
      while (this.#text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
      if (slashes % 2 === 1) continue;
      this.at = end + 1;
      const content = this.#text.slice(start + 1, end);
      return content.includes('\\') ? unescaped(content, start + 1) : content;
    }
  }

  #keyword(): Keyword {
    const start = this.at;
    this.at++;
    const name = this.#token();
    if (name === '' || name.startsWith(':')) throw new EdnError(start, `:${name} is no keyword`);
    return new Keyword(name);
  }

  /** `\a`, `\newline`, `\u0041`: at least one character, whatever it is. */
  #char(): Scalar {
    const start = this.at;
    if (start + 1 === this.#text.length) this.#end(start);
    this.at += 2;
    const rest = this.#token();
    return new Scalar(characterText(this.#text.charAt(start + 1) + rest, start));
  }

  #word(): Edn {
    const start = this.at;
    const token = this.#token();
    if (token === '') return this.#refuse(`the character ${JSON.stringify(this.peek())} means nothing here`);
    const first = token.charCodeAt(0);
    const isSigned = first === 0x2d || first === 0x2b;
    const digit = token.charCodeAt(isSigned ? 1 : 0);
    if (digit >= 0x30 && digit <= 0x39) return numberOf(token, start);
    switch (token) {
      case 'nil':
        return null;
      case 'true':
        return true;
      case 'false':
        return false;
      default:
        return new Scalar(`'${token}`);
    }
  }

  #token(): string {
    const text = this.#text;
    const start = this.at;
    let end = start;
    for (; end < text.length; end++) {
      const char = text.charCodeAt(end);
      if (char < 128 ? CLASS[char] !== TOKEN : char === 0xfeff) break;
    }
    if (end === text.length && !this.#isWhole) throw END;
    this.at = end;
    return text.slice(start, end);
  }

  /** Past white space and comments; false at the end of the text. */
  #skipSpace(): boolean {
    const text = this.#text;
    let at = this.at;
    for (; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char < 128 && CLASS[char] === SPACE) continue;
      if (char !== 0x3b) break;
      const newline = text.indexOf('\n', at);
      if (newline < 0) {
        this.at = this.#isWhole ? text.length : at;
        return false;
      }
      at = newline;
    }
    this.at = at;
    return at < text.length;
  }

  #end(start: number): never {
    if (!this.#isWhole) throw END;
    throw new EndOfElement(start, `the file ends inside the element that begins here`);
  }

  #refuse(reason: string): never {
    throw new EdnError(this.at, reason);
  }
}

/** The whole text ended inside an element: somebody's write was cut off. */
export class EndOfElement extends EdnError {}
