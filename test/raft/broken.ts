/** What the invariants make of the probes of a table. */
import { Invariants } from '../../src/invariants/index.ts';
import type { Table } from './harness.ts';

/** Names of what broke, in order. */
export function brokenOn({ probes }: Table): string[] {
  const invariants = new Invariants();
  probes.forEach(({ node, probe }, time) => invariants.observe({ time, node, ...probe }));
  return invariants.broken.map(({ name }) => name);
}
