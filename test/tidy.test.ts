/**
 * The house rules that no compiler holds: who may import whom (the floors), no import cycles, no clock and no chance in the
 * pure rooms. Each check first asserts that it saw files: a check that reads nothing passes for the wrong reason.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;

/** A room: a folder, by its path from the root. `node:` and packages are listed where they are allowed. */
interface Floor {
  readonly may: readonly string[];
  /** Rooms that may be imported as types only. */
  readonly types?: readonly string[];
}

const FLOORS: Readonly<Record<string, Floor>> = {
  // Before `checker`, in which it lies: the only room of the library that knows Node.
  'checker/pool': { may: ['checker', 'node:'] },
  checker: { may: [] },
  'src/base': { may: [] },
  workloads: { may: ['checker', 'src/base'] },
  'src/wire': { may: ['src/base'], types: ['src/raft'] },
  'src/sockets': { may: ['src/base', 'src/wire', 'node:'] },
  'src/raft': { may: ['src/base', 'src/wire'], types: ['src/contract'] },
  'src/kv': { may: ['src/base', 'src/wire'], types: ['src/raft', 'src/contract', 'checker'] },
  'src/wal': { may: ['src/base', 'src/wire'], types: ['src/raft', 'src/contract', 'src/replica'] },
  'src/replica': { may: ['src/base', 'src/wire', 'src/raft', 'src/kv', 'src/wal'], types: ['src/contract'] },
  'src/contract': { may: ['src/base'], types: ['checker'] },
  'src/invariants': { may: ['src/base', 'src/contract'] },
  'src/faults': { may: ['src/base', 'src/contract'] },
  'src/systems': {
    may: ['src/base', 'src/contract', 'src/wire', 'src/sockets', 'src/kv', 'src/spawn', 'node:'],
    types: ['checker', 'src/raft'],
  },
  // How programs of this tree are run, for all who start some.
  'src/spawn': { may: ['node:'] },
  'src/undo': { may: ['src/base', 'node:'] },
  'src/node': {
    may: ['src/base', 'src/wire', 'src/sockets', 'src/undo', 'src/replica', 'node:'],
    types: ['src/contract'],
  },
  'src/cluster': {
    may: [
      'src/base',
      'src/contract',
      'src/faults',
      'src/wire',
      'src/sockets',
      'src/spawn',
      'src/undo',
      'node:',
      'execa',
    ],
  },
  'src/maelstrom': {
    may: ['src/base', 'src/contract', 'src/faults', 'src/cluster', 'src/systems', 'node:'],
  },
  'src/sim': {
    // crc32 is native in both worlds.
    may: ['node:zlib', 'src/base', 'src/contract', 'src/faults', 'src/wire', 'src/replica', 'src/kv', 'node:'],
    types: ['checker', 'src/raft'],
  },
  'src/run': { may: ['src/base', 'src/contract', 'src/faults', 'src/invariants', 'checker', 'workloads'] },
  'src/explore': {
    may: [
      'src/base',
      'src/contract',
      'src/faults',
      'src/invariants',
      'src/sim',
      'src/run',
      'checker',
      'workloads',
      'node:',
    ],
  },
  // Its stories are told on the simulator itself, and on any cluster that is handed in.
  'src/notes': {
    may: [
      'src/base',
      'src/contract',
      'src/faults',
      'src/invariants',
      'src/sim',
      'src/run',
      'src/explore',
      'checker',
      'workloads',
      'node:',
    ],
  },
  'src/store': { may: ['src/base', 'checker', 'node:'], types: ['src/contract'] },
  'src/campaign': { may: ['src/base'], types: ['src/contract'] },
  'src/report': {
    // wire and zlib: the operations that a page carries for its explorer.
    may: ['src/base', 'src/wire', 'checker', 'src/store', 'src/campaign', 'node:zlib'],
    types: ['src/contract'],
  },
  // In the reader's browser: it has the layout of the data and the words from the report.
  'src/client': { may: ['src/base', 'src/wire', 'src/report'], types: ['checker'] },
  'src/serve': { may: ['src/base', 'src/store', 'src/report', 'node:'], types: ['src/contract'] },
  'src/vitest': { may: ['checker', 'vitest'] },
  'src/cli': { may: ['*'] },
  'src/index.ts': { may: ['*'] },
};

const PURE = [
  'src/base',
  'src/wire',
  'src/raft',
  'src/kv',
  'src/wal',
  'src/replica',
  'src/contract',
  'src/invariants',
  'src/faults',
  'src/sim',
  'src/campaign',
  'workloads',
  'checker',
];

/** The clock of a recorder that was given none: it stamps what a test asks, and no verdict depends on it. */
const KNOWS_THE_HOUR = ['checker/record/clock.ts'];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = ['src', 'checker', 'workloads'].flatMap((folder) => sources(folder));
const imports = files.flatMap(importsOf);

test('every room imports only from the floors below it', () => {
  expect(files.length).toBeGreaterThan(30);
  expect(imports.length).toBeGreaterThan(60);
  expect(imports.filter((it) => !allowed(it)).map((it) => `${it.file} imports ${it.target}`)).toEqual([]);
});

test('there are no import cycles', () => {
  const graph = new Map(
    files.map((file) => [file, imports.filter((it) => it.file === file && files.includes(it.target))]),
  );
  expect([...graph.values()].flat().length).toBeGreaterThan(60);
  expect(cyclesOf(graph)).toEqual([]);
});

test('the pure rooms know neither the hour nor chance', () => {
  const pure = files.filter((file) => PURE.includes(roomOf(file)) && !KNOWS_THE_HOUR.includes(file));
  expect(pure.length).toBeGreaterThan(20);
  const forbidden =
    /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\.now\b|\bprocess\.hrtime\b|\bset(?:Timeout|Interval|Immediate)\(/;
  expect(pure.filter((file) => forbidden.test(withoutComments(read(file))))).toEqual([]);
});

test('every file opens with its purpose', () => {
  const tests = sources('test');
  expect(tests.length).toBeGreaterThan(40);
  expect([...files, ...tests].filter((file) => !/^(?:#!.*\n)?\/\*\*/.test(read(file)))).toEqual([]);
});

test('the rules here can fail', () => {
  expect(allowed({ file: 'src/raft/raft.ts', target: 'src/kv/machine.ts', typeOnly: false })).toBe(false);
  expect(allowed({ file: 'src/wire/frames.ts', target: 'src/raft/types.ts', typeOnly: false })).toBe(false);
  expect(allowed({ file: 'checker/index.ts', target: 'node:fs', typeOnly: false })).toBe(false);
  const a = { file: 'a', target: 'b', typeOnly: false };
  const b = { file: 'b', target: 'a', typeOnly: false };
  expect(
    cyclesOf(
      new Map([
        ['a', [a]],
        ['b', [b]],
      ]),
    ),
  ).toEqual(['a → b → a']);
});

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

function importsOf(file: string): Import[] {
  const statement =
    /(?:^|\n)\s*(import|export)\s+(type\s+)?([^;'"]*?\bfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
  return [...withoutComments(read(file)).matchAll(statement)].flatMap((match) => {
    const specifier = match[4] ?? match[5];
    if (specifier === undefined || (match[1] === 'export' && match[3] === undefined)) return [];
    const target = specifier.startsWith('.') ? join(dirname(file), specifier) : specifier;
    return [{ file, target, typeOnly: match[2] !== undefined || onlyTypesNamed(match[3]) }];
  });
}

/** `import { type A, type B } from` brings nothing at run time. */
function onlyTypesNamed(clause: string | undefined): boolean {
  const names = /^\{([^}]*)\}\s*from\s*$/.exec(clause?.trim() ?? '')?.[1];
  return (
    names !== undefined &&
    names
      .split(',')
      .filter((it) => it.trim() !== '')
      .every((it) => it.trim().startsWith('type '))
  );
}

function roomOf(path: string): string {
  return Object.keys(FLOORS).find((room) => path === room || path.startsWith(`${room}/`)) ?? path;
}

function allowed({ file, target, typeOnly }: Import): boolean {
  const here = roomOf(file);
  const there = roomOf(target);
  const floor = FLOORS[here];
  if (floor === undefined) return false;
  return (
    here === there ||
    floor.may.includes('*') ||
    floor.may.includes(there) ||
    (target.startsWith('node:') && floor.may.includes('node:')) ||
    (typeOnly && (floor.types?.includes(there) ?? false))
  );
}

/** Cycles of imports that exist at run time or in types alike, each told once. */
function cyclesOf(graph: ReadonlyMap<string, readonly Import[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const { target } of graph.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return cycles;
}
