#!/usr/bin/env node
// The command `stalemate`. The program itself is built to dist/ and bundled into few files, which load in half the time, by `npm ci` (script `prepare`); this launcher only says so where it is missing.
import { existsSync } from 'node:fs';

const program = new URL('../../dist/src/bin/main.js', import.meta.url);

if (existsSync(program)) {
  const { main } = await import(program.href);
  await main(process.argv.slice(2));
} else {
  process.stderr.write('stalemate: dist/ is missing: run npm run build\n');
  process.exitCode = 255;
}
