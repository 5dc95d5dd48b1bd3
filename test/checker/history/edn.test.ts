/** EDN as such: which texts are elements, how a text that ends too early is told apart, and which elements are equal. */
import { expect, test } from 'vitest';
import { EdnParser, EndOfText } from '../../../checker/history/edn.ts';
import { EdnError, type Edn } from '../../../checker/history/edn-elements.ts';
import { toJson } from '../../../checker/history/edn-json.ts';
import type { Json } from '../../../checker/index.ts';

/** The elements of a whole text. */
function elements(text: string): Edn[] {
  const parser = new EdnParser(text, 0, true);
  const found: Edn[] = [];
  while (parser.next()) found.push(parser.read());
  return found;
}

/** The one element of a text, as the value that the checker compares. */
function value(text: string): Json {
  const [element, ...more] = elements(text);
  expect(more).toEqual([]);
  return toJson(element!, 0);
}

function reason(text: string): string {
  try {
    elements(text).map((element) => toJson(element, 0));
  } catch (error) {
    if (error instanceof EdnError) return `${error.at}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

test('nil, booleans, whole numbers, fractions and strings are what they are in JSON', () => {
  expect(value('[nil true false 0 -7 +3 0.5 "a\\n\\u00e9\\"" "é"]')).toEqual([
    null,
    true,
    false,
    0,
    -7,
    3,
    0.5,
    'a\né"',
    'é',
  ]);
});

test('commas, comments and discarded elements are white space', () => {
  expect(elements('1, ; two\n#_ 2 #_#_ 3 [4] #_ #_ 5 6 7 #_{:a #_ 1 2}').map((it) => toJson(it, 0))).toEqual([1, 7]);
});

test('different elements are different values', () => {
  const different = [
    'nil',
    '"nil"',
    ':nil',
    '\\n',
    '1',
    '1.0',
    '1M',
    '"1"',
    '"1.0"',
    '"1M"',
    '1/2',
    '0.5',
    '"1/2"',
    '0.5M',
    ':x',
    '"x"',
    '":x"',
    'x',
    '"\'x"',
    '"\\":x\\""',
    '\\x',
    '"\\\\x"',
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '"9007199254740993N"',
    '"9007199254740993"',
    '##Inf',
    '##-Inf',
    '"##Inf"',
    '[1 2]',
    '[[1 2]]',
    '#{1 2}',
    '{1 2}',
    '{"1" 2}',
    '{:a 1}',
    '{"a" 1}',
    '[]',
    '{}',
    '#{}',
    '#inst "2020"',
    '#uuid "2020"',
    '"2020"',
    '1e400M'.replace('e400', ''),
    '123456789012345678901234567890',
    '-1',
    '"-1N"',
  ];
  const values = [...new Set(different)].map((text) => JSON.stringify(value(text)));
  expect(new Set(values).size).toBe(new Set(different).size);
});

test('equal elements are equal values, however they are written', () => {
  const equal = [
    ['1', '1N', '+1', '2/2'],
    ['0', '-0', '0N'],
    ['[1 2]', '(1 2)', '[1,2]'],
    ['#{1 2}', '#{2 1}'],
    ['{:a 1 :b 2}', '{:b 2, :a 1}'],
    ['1.5M', '1.50M'],
    ['1/2', '2/4'],
    ['1.0', '1.00', '1e0'],
    ['0.0', '-0.0'],
    ['9007199254740993', '9007199254740993N'],
    ['\\newline', '\\u000a'],
    ['#uuid "AB"', '#uuid "ab"'],
  ];
  for (const [first, ...others] of equal) {
    for (const other of others) expect([other, value(other)]).toEqual([other, value(first!)]);
  }
});

test('a text that is no EDN is refused where it goes wrong', () => {
  expect(reason('[1 2}')).toBe('4: } does not close the [ before it');
  expect(reason('{:a}')).toBe('0: a map has a key without a value');
  expect(reason('1 )')).toBe('2: ) closes nothing');
  expect(reason('"a\\qb"')).toBe('2: the escape \\q is unknown');
  expect(reason('012')).toBe('0: 012 is no number that can be read');
  expect(reason('1x')).toBe('0: 1x is no number that can be read');
  expect(reason('1e999')).toBe('0: 1e999 is beyond what a double can hold');
  expect(reason(`1${'0'.repeat(500)}`)).toBe('0: a number of more than 400 characters');
  expect(reason('##NaN')).toBe('0: ##NaN equals nothing, not even itself');
  expect(reason('\\quux')).toBe('0: \\quux is no character');
  expect(reason(':')).toBe('0: : is no keyword');
  expect(reason('#{1 1}')).toBe('0: a map or a set holds 1 twice');
  expect(reason('#foo/bar 1')).toBe('0: unknown tag #foo/bar');
  expect(reason('a ^ b')).toBe('2: the character "^" means nothing here');
  expect(reason('\0')).toBe('0: the character "\\u0000" means nothing here');
});

test('nesting is bounded, also of what is discarded and of tags', () => {
  for (const open of ['[', '{:a ', '#{', '#_ ', '#a ', '[#_ ']) {
    expect(reason(open.repeat(100_000))).toContain('nested more than 200 deep');
  }
  expect(reason(`${'['.repeat(200)}${']'.repeat(200)}`)).toBe('no error');
});

test('an element that is not whole is told apart from one that is wrong', () => {
  const text = '{:a [1 "x\\"y" #{\\a} #inst "2020"] #_ 5 :b 1/2}';
  for (let length = 1; length < text.length; length++) {
    const parser = new EdnParser(text.slice(0, length), 0, false);
    expect(() => parser.read(), text.slice(0, length)).toThrow(EndOfText);
  }
  expect(reason('{:a 1')).toBe('0: the file ends inside the element that begins here');
});
