/** Operations in words: only what is assigned is said to be equal to something. */
import { expect, test } from 'vitest';
import type { Json } from '../../checker/index.ts';
import { describeOperation } from '../../src/report/format.ts';
import { operation } from './fixture.ts';

test.each<[f: string, value: Json, output: Json, words: string]>([
  ['read', null, 4, 'read x → 4'],
  ['read', null, null, 'read x → null'],
  ['write', 5, null, 'write x = 5'],
  ['write', null, null, 'write x = null'],
  ['cas', [4, 5], true, 'cas x 4 → 5'],
  ['cas', [4, 5], false, 'cas x 4 → 5, answered no'],
  ['get', null, '<1>', 'get x → "<1>"'],
  ['put', '<1>', '<1>', 'put x = "<1>"'],
  ['append', '<1>', '<1>', 'append x "<1>"'],
  ['enqueue', 5, 5, 'enqueue x 5'],
  ['dequeue', null, 5, 'dequeue x → 5'],
  ['dequeue', null, null, 'dequeue x → empty'],
  ['acquire', 3, true, 'acquire x 3'],
  ['acquire', 3, false, 'acquire x 3, answered no'],
  ['add', 5, 5, 'add x 5'],
  ['remove', 5, false, 'remove x 5, answered no'],
  ['contains', 5, true, 'contains x 5 → true'],
  ['contains', 5, false, 'contains x 5 → false'],
])('%s of %j answered %j', (f, value, output, words) => {
  const spec = { id: 0, process: 0, f, value, output, callNs: 0, returnNs: 1, node: 'n1' };
  expect(describeOperation(operation(spec))).toBe(words);
});
