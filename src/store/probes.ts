/** The probes of a run's nodes: 400 bytes and more for each operation, so those of a long run are gigabytes and are never held at once. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Probe } from '../contract/index.ts';
import type { RunFolder } from './folder.ts';
import { streamJsonl } from './jsonl.ts';

/** The probes of every node, in order of time. */
export function readProbes(folder: RunFolder): readonly Probe[] {
  return [...streamProbes(folder)].toSorted((a, b) => a.time - b.time);
}

/** The same, read anew by each loop over them. Needs the probes of each node to be in order, as nodes write them. */
export function probesOf(folder: RunFolder): Iterable<Probe> {
  return { [Symbol.iterator]: () => streamProbes(folder) };
}

/** Size of all probes. */
export function bytesOfProbes(folder: RunFolder): number {
  const sizes = files(folder).map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Each time the earliest of those that the nodes said next; of equal ones that of the first node. */
function* streamProbes(folder: RunFolder): Generator<Probe> {
  const heads = files(folder).flatMap((path) => {
    const rest = streamJsonl<Probe>(path);
    const first = rest.next();
    return first.done === true ? [] : [{ probe: first.value, rest }];
  });
  while (heads.length > 0) {
    const head = heads.reduce((a, b) => (b.probe.time < a.probe.time ? b : a));
    yield head.probe;
    const next = head.rest.next();
    if (next.done === true) heads.splice(heads.indexOf(head), 1);
    else head.probe = next.value;
  }
}

function files({ nodes }: RunFolder): readonly string[] {
  try {
    return readdirSync(nodes)
      .toSorted()
      .map((node) => join(nodes, node, 'probes.jsonl'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
