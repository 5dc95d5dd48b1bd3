/** Common documents are those of JSON, written and read in another way: whatever that way knows, it knows as JSON does. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OPERATIONS, READ_MODES, REFUSALS } from '../../src/wire/client-protocol.ts';
import {
  readCommonRequest,
  readCommonResponse,
  writeCommonRequest,
  writeCommonResponse,
} from '../../src/wire/common-documents.ts';

const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const first = count.map((it) => Math.max(1, it));
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('n1', 'x', '', 'key 7') },
  fc.string({ maxLength: 6, unit: 'grapheme' }),
);
const value = fc.oneof(
  fc.nat(),
  fc.maxSafeInteger(),
  fc.constantFrom(null, true, false),
  fc.constantFrom(0.5, -0, 1e21, 'a', '"', [], [1], {}),
);

const operation = fc.oneof(
  fc.record({ f: fc.constantFrom('read', 'shift'), key: name }),
  fc.record({ f: fc.constantFrom('write', 'push', 'insert', 'remove'), key: name, value }),
  fc.record({ f: fc.constant('cas'), key: name, from: value, to: value }),
  fc.record({ f: fc.constant('increment'), key: name, by: fc.maxSafeInteger() }),
  fc.record({ f: fc.constantFrom('acquire', 'release'), key: name, owner: value }),
  fc.record({ f: fc.constant('concat'), key: name, text: name }),
);

const request = fc.oneof(
  fc.record({ kind: fc.constant('read'), attempt: count, mode: fc.constantFrom(...READ_MODES), key: name }),
  fc.record({ kind: fc.constant('command'), attempt: count, session: first, sequence: first, operation }),
  fc.record({ kind: fc.constant('openSession'), attempt: count }),
) as fc.Arbitrary<Parameters<typeof writeCommonRequest>[0]>;

const response = fc.oneof(
  fc.record({
    kind: fc.constant('result'),
    attempt: count,
    output: value,
    node: name,
    term: count,
    applied: count,
  }),
  fc.record({
    kind: fc.constant('refused'),
    attempt: count,
    reason: fc.constantFrom(...REFUSALS),
    leader: fc.option(name),
    node: name,
  }),
  fc.record({ kind: fc.constant('sessionOpened'), attempt: count, session: first }),
) as fc.Arbitrary<Parameters<typeof writeCommonResponse>[0]>;

const ways = [
  { document: 'requests', all: request, write: writeCommonRequest, read: readCommonRequest },
  { document: 'responses', all: response, write: writeCommonResponse, read: readCommonResponse },
] as const;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test.each(ways)('$document are written as JSON.stringify writes them, or not at all', ({ all, write }) => {
  let written = 0;
  fc.assert(
    fc.property(all as fc.Arbitrary<never>, (it) => {
      const bytes = write(it);
      if (bytes === undefined) return;
      written++;
      expect(textOf(bytes)).toBe(JSON.stringify(it));
    }),
    { numRuns: 2000 },
  );
  expect(written).toBeGreaterThan(150);
});

test.each(ways)('$document are read as JSON.parse reads them, or not at all', ({ all, read }) => {
  let known = 0;
  fc.assert(
    fc.property(all as fc.Arbitrary<object>, (it) => {
      const found = read(Buffer.from(JSON.stringify(it)));
      if (found === undefined) return;
      known++;
      expect(found).toStrictEqual(JSON.parse(JSON.stringify(it)));
    }),
    { numRuns: 2000 },
  );
  expect(known).toBeGreaterThan(150);
});

test.each(ways)(
  'what is left of $document after a change of their bytes is read as JSON, or not at all',
  ({ all, read }) => {
    const change = fc.record({ at: fc.nat(), gone: fc.nat({ max: 2 }), come: fc.uint8Array({ maxLength: 2 }) });
    fc.assert(
      fc.property(all as fc.Arbitrary<object>, change, (it, { at, gone, come }) => {
        const bytes = Buffer.from(JSON.stringify(it));
        const place = at % bytes.length;
        const changed = Buffer.concat([bytes.subarray(0, place), come, bytes.subarray(place + gone)]);
        const found = read(changed);
        if (found !== undefined) expect(found).toStrictEqual(JSON.parse(textOf(changed)));
      }),
      { numRuns: 5000 },
    );
  },
);

test('every operation is known, but the one whose text is seldom plain', () => {
  const known = OPERATIONS.filter((f) => {
    const rest = { value: 1, from: 1, to: 2, by: 3, owner: 4, text: 'a' };
    const names: readonly (keyof typeof rest)[] =
      f === 'cas'
        ? ['from', 'to']
        : f === 'increment'
          ? ['by']
          : f === 'concat'
            ? ['text']
            : f === 'acquire' || f === 'release'
              ? ['owner']
              : f === 'read' || f === 'shift'
                ? []
                : ['value'];
    const operation = Object.fromEntries([['f', f], ['key', 'x'], ...names.map((it) => [it, rest[it]])]);
    return readCommonRequest(
      Buffer.from(JSON.stringify({ kind: 'command', attempt: 1, session: 1, sequence: 1, operation })),
    );
  });
  expect(known).toEqual(OPERATIONS.filter((f) => f !== 'concat'));
});
