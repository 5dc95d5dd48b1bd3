/** A campaign of the notes is gone on with by one process at a time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNotesFolder } from '../../src/store/index.ts';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'stalemate-notes-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const open = () =>
  openNotesFolder(out, { name: 'quick', file: { format: 1, digest: 'same', startedMs: Date.UTC(2026, 0, 1) } });

test('one that another process is at is left alone, and gone on with when that one is dead', async () => {
  const first = open();
  expect(first.isNew).toBe(true);
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const gone = once(other, 'exit');
  try {
    writeFileSync(first.folder.holder, `${other.pid}\n`);
    const second = open();
    expect(second.isNew).toBe(true);
    expect(second.folder.path).not.toBe(first.folder.path);
    writeFileSync(second.folder.answers, '{}');
  } finally {
    other.kill('SIGKILL');
    await gone;
  }
  const third = open();
  expect(third).toMatchObject({ isNew: false, folder: { path: first.folder.path } });
  third.release();
  expect(existsSync(first.folder.holder)).toBe(false);
});

test('what a crash left of the number of the process holds nobody up', () => {
  const first = open();
  writeFileSync(first.folder.holder, '');
  expect(open()).toMatchObject({ isNew: false, folder: { path: first.folder.path } });
});
