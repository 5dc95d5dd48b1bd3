/** How to run another program of this tree: compiled where this is compiled, TypeScript through tsx where this is TypeScript. */
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Arguments for `process.execPath` that run `path` (relative to src/, without extension). Never the `tsx` command: it is a
 * wrapper with the program as its child, so that stopping it would stop nothing.
 */
export function programArgs(path: string): readonly string[] {
  const compiled = import.meta.url.endsWith('.js');
  const file = fileURLToPath(new URL(`../${path}${compiled ? '.js' : '.ts'}`, import.meta.url));
  if (compiled) return [file];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', loader, file];
}
