/** A node's probes on their way to the file that outlives it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
