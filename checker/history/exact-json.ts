/**
 * What `JSON.parse` loses without a word: a name that stands twice (the first is gone), a number that no double holds (it
 * becomes its neighbour). Both would make different histories the same one, so that a reader refuses them.
 */

/** What is nested more deeply is refused: comparing values recurses. */
export const MAX_DEPTH = 200;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

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
  let isNameNext = false;
  for (let at = 0; at < text.length;) {
    const level = levels.at(-1);
    const isJudged = levels.length < 2 || isExact(levels[0]!.name);
    const char = text.charAt(at);
    if (char === '"') {
      const end = endOfString(text, at);
      if (isNameNext) {
        const fault = isJudged ? take(level!, text.slice(at, end)) : undefined;
        if (fault !== undefined) return fault;
        isNameNext = false;
      }
      at = end;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const end = endOfNumber(text, at);
      const isNumberJudged = levels.length >= 1 && isExact(levels[0]!.name);
      const fault = isNumberJudged ? numberFault(text.slice(at, end)) : undefined;
      if (fault !== undefined) return fault;
      at = end;
    } else {
      if (char === '{' || char === '[') {
        levels.push({ names: char === '{' ? new Set() : undefined, name: '' });
        if (levels.length > MAX_DEPTH + 1 && isJudged) return `nested more than ${MAX_DEPTH} deep`;
      } else if (char === '}' || char === ']') {
        levels.pop();
      }
      isNameNext = char === '{' || (char === ',' && level?.names !== undefined);
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
  while (at < text.length && '0123456789.eE+-'.includes(text.charAt(at))) at++;
  return at;
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
