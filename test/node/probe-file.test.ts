/** A node's probes on their way to the file that outlives it. */
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProbeFile } from '../../src/node/probe-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-probes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function lifeOf(path: string): ProbeFile {
  return new ProbeFile({ path, node: 'n1', nowNs: () => 7, atTurnEnd: () => {}, onProbe: () => {} });
}

test.each([
  ['no file', '', []],
  ['whole lines', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['a line that a kill cut off', '{"a":1}\n{"a":', [{ a: 1 }]],
  ['nothing but half a line', '{"a"', []],
  ['a whole line and more of a torn one than is read at once', `{"a":1}\n{"b":"${'b'.repeat(200_000)}`, [{ a: 1 }]],
  ['a torn line of the length of a block', `{"a":1}\n${'b'.repeat(65_536)}`, [{ a: 1 }]],
])('after %s a new life goes on with a line of its own', (_, before, kept) => {
  const path = join(folder, 'probes.jsonl');
  if (before !== '') writeFileSync(path, before);
  const life = lifeOf(path);
  life.probe({ kind: 'vote', term: 2, votedFor: 'n3' });
  life.flush();
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toEqual([...kept, { time: 7, node: 'n1', kind: 'vote', term: 2, votedFor: 'n3' }]);
});

test('what comes with every acknowledgement and every answer is not written', () => {
  const path = join(folder, 'probes.jsonl');
  const life = lifeOf(path);
  life.probe({ kind: 'match', term: 2, follower: 'n3', matchIndex: 4, nextIndex: 5 });
  life.probe({ kind: 'answer', index: 4, entryTerm: 2 });
  life.flush();
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('a file of more than 2 GiB, which no buffer holds, is gone on with at its end', () => {
  const path = join(folder, 'probes.jsonl');
  writeFileSync(path, '');
  const before = 3 * 2 ** 30;
  truncateSync(path, before);
  appendFileSync(path, '{"a":1}\n{"a":');
  const life = lifeOf(path);
  life.probe({ kind: 'vote', term: 2, votedFor: 'n3' });
  life.flush();
  expect(readFrom(path, before)).toBe('{"a":1}\n{"time":7,"node":"n1","kind":"vote","term":2,"votedFor":"n3"}\n');
});

function readFrom(path: string, position: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(1000);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, position)).toString();
  } finally {
    closeSync(file);
  }
}
