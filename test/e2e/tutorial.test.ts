/** The tutorial as a new user would follow it: in an empty folder, with the files that it shows, every command that says how it ends. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;
const README = readFileSync(join(ROOT, 'src/systems/README.md'), 'utf8');
const PROGRAMS = join(ROOT, 'test/programs');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stalemate-tutorial-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function blocks(language: string): readonly string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!);
}

/** Commands with `# exit N` behind them, in order. */
const commands = blocks('sh').flatMap((block) =>
  [...block.matchAll(/^npx stalemate (.+?) +# exit (\d+)$/gm)].map(([, line, exit]) => ({
    line: line!,
    exit: Number(exit),
  })),
);

async function follow({ line, exit }: { readonly line: string; readonly exit: number }): Promise<void> {
  const command = `${process.execPath} ${join(ROOT, 'src/cli/stalemate.cjs')} ${line}`;
  const { exitCode, all } = await execa('/bin/sh', ['-c', command], { cwd: folder, reject: false, all: true });
  expect({ line, exitCode }, all).toEqual({ line, exitCode: exit });
}

/** Lines with a + come behind the line before them, in place of those with a - there. */
function patched(text: string, diff: string): string {
  const lines = text.split('\n');
  let at = -1;
  for (const change of diff.trimEnd().split('\n')) {
    const line = change.slice(1);
    if (change.startsWith('+')) {
      lines.splice(++at, 0, line);
      continue;
    }
    at = lines.indexOf(line);
    expect(at, `the node has no line ${JSON.stringify(line)}`).toBeGreaterThanOrEqual(0);
    if (change.startsWith('-')) lines.splice(at--, 1);
  }
  return lines.join('\n');
}

test('there are commands to try, and of both endings', () => {
  expect(commands.map(({ exit }) => exit)).toEqual([0, 1, 0, 1]);
});

test('a node that speaks messages passes, and with the change that is shown it is caught', async () => {
  const [node] = blocks('js');
  const path = join(folder, 'my-node.mjs');
  writeFileSync(path, node!);
  await follow(commands[0]!);
  writeFileSync(path, patched(node!, blocks('diff')[0]!));
  await follow(commands[1]!);
});

test('the adapter that is shown is the one in test/programs, and does what is said of it', async () => {
  const shown = blocks('ts')[0]!.replace("from 'stalemate'", "from '../../src/index.ts'");
  expect(shown).toBe(readFileSync(join(PROGRAMS, 'lagging-register-system.ts'), 'utf8'));
  copyFileSync(join(PROGRAMS, 'lagging-register.mjs'), join(folder, 'lagging-register.mjs'));
  writeFileSync(join(folder, 'lagging-register-system.ts'), blocks('ts')[0]!);
  await follow(commands[2]!);
  await follow(commands[3]!);
});

test('the flags of the commands that nobody can try here are understood', async () => {
  const lines = README.match(/^npx stalemate run --system \S+ --endpoints(?:.*\\\n)+.*/gm)!;
  expect(lines).toHaveLength(2);
  const words = /^stalemate: --faults power-loss: /;
  for (const line of lines) {
    const flags = line.replace('npx stalemate run', '').replace('./my-system.ts', './lagging-register-system.ts');
    // A fault that there is no command for is refused after everything else was understood.
    const command = `${process.execPath} ${join(ROOT, 'src/cli/stalemate.cjs')} run ${flags} --faults power-loss`;
    const { exitCode, stderr } = await execa('/bin/sh', ['-c', command], { cwd: folder, reject: false });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 254, stderr: expect.stringMatching(words) as string });
  }
});
