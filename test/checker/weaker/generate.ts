/**
 * Random histories of several registers and clients whose reads are often not up to date, with values written once each. Most
 * keep some of the weaker promises and break others.
 */
import type { History, Json, Operation } from '../../../checker/index.ts';
import type { Random } from '../../../src/base/random.ts';

export interface WeakShape {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  readonly cas: boolean;
  /** False for no blind writes. */
  readonly writes?: boolean;
  readonly crashChance: number;
  /** How often a read shows any value of its register instead of the newest. */
  readonly wrongChance: number;
  /** Size of the value domain; without it values are written once each. */
  readonly domain?: number;
}

interface Open {
  readonly id: number;
  readonly process: number;
  readonly f: string;
  readonly key: string;
  readonly value: Json;
  readonly callNs: number;
}

export function weakHistory(random: Random, shape: WeakShape): History {
  const processes = Array.from({ length: shape.clients }, (_none, client) => client);
  const open: (Open | undefined)[] = processes.map(() => undefined);
  const versions = new Map<string, Json[]>();
  const operations: Operation[] = [];
  let invoked = 0;
  const known = (key: string): Json[] => {
    if (!versions.has(key)) versions.set(key, [null]);
    return versions.get(key)!;
  };
  for (let timeNs = 0; operations.length < shape.operations; timeNs += random.int(3)) {
    const client = random.int(shape.clients);
    const call = open[client];
    if (call === undefined) {
      if (invoked === shape.operations) continue;
      const key = 'xyz'[random.int(shape.keys)]!;
      const change = random.pick(shape.writes === false ? ['cas'] : shape.cas ? ['write', 'cas'] : ['write']);
      const f = random.chance(0.5) ? 'read' : change;
      const fresh = shape.domain === undefined ? 100 + invoked : random.int(shape.domain);
      const value = f === 'read' ? null : f === 'write' ? fresh : [seen(random, known(key), shape), fresh];
      open[client] = { id: invoked++, process: processes[client]!, f, key, value, callNs: timeNs };
      continue;
    }
    open[client] = undefined;
    const isCrash = random.chance(shape.crashChance);
    if (isCrash) processes[client]! += shape.clients;
    operations.push(complete(random, shape, call, { versions: known(call.key), isCrash, timeNs }));
  }
  operations.sort((a, b) => a.callNs - b.callNs || a.id - b.id);
  return { operations, failed: [], clients: shape.clients, warnings: [] };
}

function complete(
  random: Random,
  shape: WeakShape,
  { id, process, f, key, value, callNs }: Open,
  { versions, isCrash, timeNs }: { versions: Json[]; isCrash: boolean; timeNs: number },
): Operation {
  const succeeds = f === 'cas' && (versions.at(-1) === (value as Json[])[0] || random.chance(shape.wrongChance / 2));
  let output: Json = null;
  if (f === 'read') output = seen(random, versions, shape);
  if (f === 'cas') output = succeeds;
  const written = f === 'write' ? value : succeeds ? (value as Json[])[1]! : undefined;
  if (written !== undefined && !(isCrash && random.chance(0.5))) versions.push(written);
  const outcome = isCrash
    ? ({ kind: 'unknown', reason: 'timeout' } as const)
    : ({ kind: 'ok', output, returnNs: timeNs } as const);
  return { id, process, input: { f, key, value }, callNs, outcome };
}

function seen(random: Random, versions: readonly Json[], { wrongChance }: WeakShape): Json {
  return random.chance(wrongChance) ? random.pick(versions) : versions.at(-1)!;
}
