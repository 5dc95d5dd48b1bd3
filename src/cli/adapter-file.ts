/**
 * A system of anybody's own, in one file: loaded from a path, and held against what an adapter has to be before anything is started.
 * TypeScript is loaded through tsx, which stands beside whoever wrote it, or here.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StalemateError } from '../base/errors.ts';
import type { ProcessSystem, SystemAdapter } from '../contract/index.ts';

/** Whether the word after `--system` is a path, and not one of our names. */
export function isAdapterPath(word: string): boolean {
  return word.includes('/') || /\.[cm]?[jt]s$/.test(word);
}

/** The adapter in that file. Throws a usage error that names what is wrong with it. */
export async function loadAdapter(path: string): Promise<SystemAdapter> {
  const file = resolve(path);
  if (!existsSync(file)) throw refusal(path, 'there is no such file', 'paths count from this folder');
  const module = await imported(path, file);
  const adapter = module['system'] ?? module['default'];
  const wrong = whatIsWrong(adapter);
  if (wrong !== null) throw refusal(path, wrong, 'src/systems/README.md shows a whole one');
  return adapter as SystemAdapter;
}

/** The same with everything that was left out. */
export function completed(adapter: SystemAdapter): ProcessSystem {
  return {
    nodes: 3,
    workloads: ['cas-register', 'register'],
    programs: [],
    ports: { client: 'clients' },
    version: async () => 'of no version',
    look: async () => null,
    processes: () => [],
    ...adapter,
  };
}

type Module = Readonly<Record<string, unknown>>;

async function imported(path: string, file: string): Promise<Module> {
  const isTypeScript = /\.[cm]?ts$/.test(file);
  const load = isTypeScript ? loaderFor(path) : (url: string) => import(url) as Promise<Module>;
  try {
    return await load(pathToFileURL(file).href);
  } catch (error) {
    throw refusal(path, wordsOf(error), 'it does not load');
  }
}

/** tsx as a library: it compiles this file, and what it imports, and nothing else. */
function loaderFor(path: string): (url: string) => Promise<Module> {
  const api = [join(process.cwd(), 'adapter.js'), import.meta.url].map(resolvedFrom).find((it) => it !== null);
  if (api === undefined || api === null)
    throw refusal(path, 'TypeScript takes tsx, which is not installed', 'npm install --save-dev tsx, or give a .mjs');
  return async (url) => {
    const { tsImport } = (await import(api)) as {
      readonly tsImport: (url: string, parent: string) => Promise<Module>;
    };
    return tsImport(url, import.meta.url);
  };
}

function resolvedFrom(place: string): string | null {
  try {
    // What `require` would get does not find its own parts; the module beside it does.
    return pathToFileURL(
      createRequire(place)
        .resolve('tsx/esm/api')
        .replace(/\.cjs$/, '.mjs'),
    ).href;
  } catch {
    return null;
  }
}

/** The first line, since compilers add pictures to it. */
function wordsOf(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const lines = message.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => line !== '' && !/^\w*Error:( Transform failed.*)?$/.test(line)) ?? 'an error without words'
  );
}

const FUNCTIONS = ['session', 'processes', 'prepare', 'look', 'whole', 'version'] as const;

/** The first thing that is wrong, in words; null where nothing is. */
function whatIsWrong(adapter: unknown): string | null {
  if (!isObject(adapter)) return 'it exports no system (export const system = { … })';
  if (typeof adapter['name'] !== 'string' || adapter['name'] === '') return 'system.name is no text';
  if (typeof adapter['session'] !== 'function') return 'system.session is no function';
  const odd = FUNCTIONS.find((name) => adapter[name] !== undefined && typeof adapter[name] !== 'function');
  if (odd !== undefined) return `system.${odd} is no function`;
  return whatIsWrongWithReads(adapter['reads']) ?? whatIsWrongWithLists(adapter);
}

function whatIsWrongWithReads(reads: unknown): string | null {
  if (!isObject(reads) || !isObject(reads['promises'])) return 'system.reads.promises is no object of promises by name';
  const { promises, strongest, nodeLocal } = reads;
  const names = Object.keys(promises as object);
  if (names.length === 0) return 'system.reads.promises is empty: at least one way of reading has a name';
  const silent = names.find((name) => typeof (promises as Module)[name] !== 'string');
  if (silent !== undefined) return `system.reads.promises.${silent} is no text`;
  if (!names.includes(strongest as string)) return `system.reads.strongest is none of ${names.join(', ')}`;
  const isNamed = Array.isArray(nodeLocal) && nodeLocal.every((name) => names.includes(name as string));
  return isNamed ? null : `system.reads.nodeLocal is no list of ${names.join(', ')}`;
}

function whatIsWrongWithLists({ nodes, workloads, ports, programs }: Module): string | null {
  if (nodes !== undefined && !(Number.isInteger(nodes) && (nodes as number) > 0)) return 'system.nodes is no number';
  if (workloads !== undefined && !isTexts(workloads)) return 'system.workloads is no list of names';
  if (programs !== undefined && !Array.isArray(programs)) return 'system.programs is no list';
  const isUse = (use: unknown): boolean => use === 'clients' || use === 'peers';
  if (ports !== undefined && !(isObject(ports) && Object.values(ports).every(isUse)))
    return "system.ports is no object of 'clients' and 'peers' by name";
  return null;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((it) => typeof it === 'string');
}

function isObject(value: unknown): value is Module {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusal(path: string, reason: string, hint: string): StalemateError {
  return new StalemateError('usage', `--system ${path}: ${reason}`, hint);
}
