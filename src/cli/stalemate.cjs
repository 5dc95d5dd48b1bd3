#!/usr/bin/env node
// The command `stalemate`. The program itself is built to dist/ and bundled by `npm ci` (script `prepare`, bundle.mjs); this launcher only says so where it is missing.
// It is CommonJS because Node begins such a file sooner. `check` is begun from a bundle of its own with the code that V8 made of it: half of a small check would be loading.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { load } = require('./cached-program.cjs');

const BUNDLE = join(__dirname, '../../dist/src/bin');

async function launch(argv) {
  const check = join(BUNDLE, 'check.cjs');
  if (argv[0] === 'check' && existsSync(check)) return load(check).program.main(argv);
  const program = join(BUNDLE, 'main.js');
  if (existsSync(program)) return (await import(pathToFileURL(program).href)).main(argv);
  process.stderr.write('stalemate: dist/ is missing: run npm run build\n');
  process.exitCode = 255;
}

// Whatever fails here is the tool's own: 1 would say that a history is not linearizable.
launch(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`stalemate: the built program does not load, run npm run build: ${error.stack ?? error}\n`);
  process.exitCode = 255;
});
