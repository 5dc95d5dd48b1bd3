/**
 * What `npm run bundle` does with the built program: few files, which load in half the time of many. `dist/src/bin/main.js` is all of
 * it. `check.cjs` holds `check` alone, with the code that V8 made of it while it judged a small history beside it, so that the
 * next life need not compile it again.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import cached from './cached-program.cjs';

const pathOf = (url) => fileURLToPath(new URL(url, import.meta.url));
const BIN = pathOf('../../dist/src/bin/');
const MAIN = pathOf('../../dist/src/cli/main.js');
const WORKERS = [
  '../../dist/checker/pool/worker.js',
  '../../dist/src/explore/explore-worker.js',
  '../../dist/src/notes/notes-worker.js',
].map(pathOf);

const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node20.20',
  minifyWhitespace: true,
  minifySyntax: true,
  charset: 'ascii',
  logLevel: 'warning',
};

rmSync(BIN, { recursive: true, force: true });
await bundleAll();
await bundleCheck();
await keepCode(join(BIN, 'check.cjs'));

function bundleAll() {
  return build({
    ...COMMON,
    entryPoints: [MAIN, ...WORKERS],
    splitting: true,
    format: 'esm',
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    outdir: BIN,
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module";const require=requireFrom(import.meta.url);',
    },
  });
}

/** The launcher asks this one for `check` only, so the other commands stay outside. */
function bundleCheck() {
  return build({
    ...COMMON,
    entryPoints: [MAIN],
    format: 'cjs',
    outfile: join(BIN, 'check.cjs'),
    external: ['run', 'sim', 'mutants', 'notes', 'campaign', 'export', 'list', 'report', 'serve', 'doctor'].map(
      (name) => `./${name}-command.js`,
    ),
    // It measures emoji, for tables that we do not have, and half of what yargs takes to load goes into that.
    alias: { 'string-width': fileURLToPath(new URL('plain-width.cjs', import.meta.url)) },
    define: { 'import.meta.url': '__url' },
    banner: { js: 'const __url=require("node:url").pathToFileURL(__filename).href;' },
  });
}

/** Judges a small history with it, and stores what V8 compiled for that. */
async function keepCode(file) {
  const folder = mkdtempSync(join(tmpdir(), 'stalemate-bundle-'));
  const write = process.stdout.write;
  try {
    const history = join(folder, 'history.jsonl');
    writeFileSync(history, smallHistory());
    const { program, script } = cached.load(file);
    process.stdout.write = () => true;
    await program.main(['check', history]);
    if (process.exitCode !== 0) throw new Error(`the bundle of check ended with ${process.exitCode}`);
    writeFileSync(`${file}.cache`, script.createCachedData());
  } finally {
    process.stdout.write = write;
    rmSync(folder, { recursive: true });
  }
}

/** Two clients that write, read and compare-and-set, each while the other is under way. */
function smallHistory() {
  const lines = [];
  const add = (process, type, f, value) =>
    lines.push(JSON.stringify({ index: lines.length, time: lines.length, process, type, f, key: 'x', value }));
  for (let i = 0; i < 20; i++) {
    add(0, 'invoke', 'write', i);
    add(1, 'invoke', 'read', null);
    add(0, 'ok', 'write', i);
    add(1, 'ok', 'read', i);
    add(1, 'invoke', 'cas', [i, i + 100]);
    add(1, 'ok', 'cas', [i, i + 100]);
  }
  return `${lines.join('\n')}\n`;
}
