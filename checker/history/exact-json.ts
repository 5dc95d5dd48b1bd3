/**
 * What `JSON.parse` loses without a word: a name that stands twice (the first is gone), a number that no double holds (it
 * becomes its neighbour). Both would make different histories the same one, so that a reader refuses them.
 */

/** What is nested more deeply is refused: comparing values recurses. */
export const MAX_DEPTH = 200;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const E = 0x65;

/** An object, whose names are collected, or an array (without names). */
interface Level {
  readonly names: Set<string> | undefined;
  /** The name that was read last. */
  name: string;
}

/**
 * The reason why a JSON text does not say exactly what `JSON.parse` makes of it, or undefined.
 * @param text a text that `JSON.parse` accepts: an object
 * @param isExact names of that object whose values must be exact; numbers, names and depth inside the others do not matter
 */
export function inexactness(text: string, isExact: (name: string) => boolean): string | undefined {
  const levels: Level[] = [];
  let level: Level | undefined;
  let isNameNext = false;
  /** Whether what stands here is that object itself, or belongs to a value that must be exact. */
  let isJudged = true;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const fault = isNameNext && isJudged ? take(level!, text.slice(at, end)) : undefined;
      if (fault !== undefined) return fault;
      isNameNext = false;
      at = end;
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const end = endOfNumber(text, at);
      const fault = isExact(levels[0]!.name) ? numberFault(text.slice(at, end)) : undefined;
      if (fault !== undefined) return fault;
      at = end;
    } else {
      if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        if (levels.length === 1) isJudged = isExact(level!.name);
        level = { names: code === OPEN_BRACE ? new Set() : undefined, name: '' };
        levels.push(level);
        if (levels.length > MAX_DEPTH + 1 && isJudged) return `nested more than ${MAX_DEPTH} deep`;
        isNameNext = code === OPEN_BRACE;
      } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        levels.pop();
        level = levels.at(-1);
        isJudged ||= levels.length === 1;
      } else if (code === COMMA) {
        isNameNext = level!.names !== undefined;
      }
      at++;
    }
  }
  return undefined;
}

function take(level: Level, quoted: string): string | undefined {
  const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (level.names!.has(name)) return `the name ${shortened(JSON.stringify(name))} stands twice`;
  level.names!.add(name);
  level.name = name;
  return undefined;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at)) at += code === BACKSLASH ? 2 : 1;
  return at + 1;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (isOfNumber(text.charCodeAt(at))) at++;
  return at;
}

/** Digits, the point, signs, and e in both cases. Not a number behind the end of the text. */
function isOfNumber(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === POINT || code === PLUS || code === MINUS || (code | 0x20) === E;
}

/** Why a number, as it is written, is not the double that it is read as; undefined where it is. */
export function numberFault(written: string): string | undefined {
  const value = Number(written);
  if (Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return `a whole number beyond 2^53 is not exact: ${shortened(written)}; write it as a string`;
  }
  if (Number.isSafeInteger(value) && /^-?\d+$/.test(written)) return undefined;
  // A double is written with as few digits as tell it from its neighbours: 17 at most.
  const isShort = written.length <= 400;
  if (isShort && Number.isFinite(value) && sameDecimal(written, String(value))) return undefined;
  return `a number that is not exact: ${shortened(written)}; write it as a string`;
}

function sameDecimal(a: string, b: string): boolean {
  const [x, y] = [decimal(a), decimal(b)];
  return x.digits === y.digits && (x.digits === '' || x.exponent === y.exponent);
}

/** A decimal number as digits without zeros around them, and the power of ten of the last one. Signs do not differ here. */
function decimal(written: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = '', power = '0'] = written.replace(/^-/, '').toLowerCase().split('e');
  return trimmed(mantissa, Number(power));
}

function trimmed(mantissa: string, power: number): { readonly digits: string; readonly exponent: number } {
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { digits, exponent: power - fraction.length + (all.length - digits.length) };
}

/** For messages: no more of a long text than a line can hold. */
export function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
