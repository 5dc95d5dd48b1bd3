/** Strings, characters and numbers of EDN: one form for what is equal in Clojure, however it was written. */
import { EdnError, Scalar } from './edn-elements.ts';

/** Characters of a number. */
const NUMBER_MAX = 400;

const ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  r: '\r',
  n: '\n',
  b: '\b',
  f: '\f',
  '\\': '\\',
  '"': '"',
};

/** The text that a string with escapes stands for. */
export function unescaped(content: string, start: number): string {
  return content.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (escape, code: string, at: number) => {
    const known = code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : ESCAPES[code];
    if (known === undefined) throw new EdnError(start + at, `the escape ${escape} is unknown`);
    return known;
  });
}

const CHARACTERS: Readonly<Record<string, string>> = {
  newline: '\n',
  return: '\r',
  space: ' ',
  tab: '\t',
  backspace: '\b',
  formfeed: '\f',
};

/** One text for one character, however it was written. */
export function characterText(written: string, start: number): string {
  if (written.length === 1) return `\\${written}`;
  const named = Object.hasOwn(CHARACTERS, written) ? CHARACTERS[written] : undefined;
  if (named !== undefined) return `\\${named}`;
  if (/^u[0-9a-fA-F]{4}$/.test(written)) return `\\${String.fromCharCode(Number.parseInt(written.slice(1), 16))}`;
  throw new EdnError(start, `\\${written} is no character`);
}

/** A number as Clojure tells numbers apart: 1 = 1N, 1.5M = 1.50M, 2/4 = 1/2, but 1, 1.0 and 1M differ. */
export function numberOf(token: string, start: number): number | Scalar {
  const small = smallNumber(token);
  if (small >= 0) return small;
  if (token.length > NUMBER_MAX) throw new EdnError(start, `a number of more than ${NUMBER_MAX} characters`);
  const unsigned = token.replace(/^[+-]/, '');
  const sign = token.startsWith('-') ? '-' : '';
  if (/^(?:0|[1-9]\d*)N?$/.test(unsigned)) return whole(BigInt(unsigned.replace('N', '')), sign === '-');
  const ratio = /^(0|[1-9]\d*)\/([1-9]\d*)$/.exec(unsigned);
  if (ratio !== null) return reduced(BigInt(ratio[1]!), BigInt(ratio[2]!), sign);
  const decimal = /^(0|[1-9]\d*)(?:\.(\d*))?M$/.exec(unsigned);
  if (decimal !== null) {
    const fraction = (decimal[2] ?? '').replace(/0+$/, '');
    const digits = fraction === '' ? decimal[1]! : `${decimal[1]}.${fraction}`;
    return new Scalar(`${digits === '0' ? '' : sign}${digits}M`);
  }
  if (!/^(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d+)?$/.test(unsigned)) {
    throw new EdnError(start, `${token} is no number that can be read`);
  }
  const quick = Number(token);
  if (!Number.isFinite(quick)) throw new EdnError(start, `${token} is beyond what a double can hold`);
  return Number.isInteger(quick) ? new Scalar(`${quick === 0 ? 0 : quick}.0`) : quick;
}

/** The number that these digits are, or −1 where they are not just a few digits. */
function smallNumber(token: string): number {
  if (token.length > 15 || (token.length > 1 && token.charCodeAt(0) === 0x30)) return -1;
  let value = 0;
  for (let at = 0; at < token.length; at++) {
    const digit = token.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function whole(magnitude: bigint, isNegative: boolean): number | Scalar {
  const value = isNegative ? -magnitude : magnitude;
  return magnitude <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : new Scalar(`${value}N`);
}

function reduced(above: bigint, below: bigint, sign: string): number | Scalar {
  let [a, b] = [above, below];
  while (b !== 0n) [a, b] = [b, a % b];
  if (below === a) return whole(above / a, sign === '-');
  return new Scalar(`${sign}${above / a}/${below / a}`);
}
