/** The version of the program, from its package. */
import { readFileSync } from 'node:fs';

/** `0.1.0`. Works from src/cli and from dist/src/cli. */
export const VERSION: string = ['../../package.json', '../../../package.json']
  .map((path) => readVersion(new URL(path, import.meta.url)))
  .find((version) => version !== null)!;

function readVersion(url: URL): string | null {
  try {
    const { name, version } = JSON.parse(readFileSync(url, 'utf8')) as { name?: string; version?: string };
    return name === 'stalemate' && version !== undefined ? version : null;
  } catch {
    return null;
  }
}
