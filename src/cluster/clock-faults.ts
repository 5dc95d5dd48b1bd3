/** Faults of clocks: another rate, a jump forward. What the node's clock did is read beside the host's. */
import { StalemateError } from '../base/errors.ts';
import { NS_PER_MS } from '../base/time.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import type { NodeStatus } from './control-link.ts';
import { injury } from '../faults/index.ts';
import type { Ward } from './ward.ts';

/** How far the measured rate may be from the asked one: the two clocks are read one after the other. */
const RATE_TOLERANCE = 0.02;
const JUMP_TOLERANCE_MS = 5;

/** Lets the clock jump and go on at another rate, until it is healed; a jump is not taken back. */
export async function skewClock(
  ward: Ward,
  { node: id, rate, jumpMs }: Extract<FaultAction, { kind: 'clock' }>,
): Promise<Injury> {
  const node = ward.node(id);
  const { lives } = node;
  const before = node.state === 'running' ? await node.status() : undefined;
  if (before === undefined) throw new StalemateError('failed', `${id} is already ${node.state}`);
  if (!(await node.setClock({ rate, jumpMs }))) throw new StalemateError('failed', `${id} cannot be told`);
  const since = await node.status();
  if (since === undefined) throw new StalemateError('failed', `${id} cannot be asked`);
  const jumpedMs = (aheadNs(since) - aheadNs(before)) / NS_PER_MS;
  const evidence = rate === 1 ? `the clock is ${Math.round(jumpedMs)} ms ahead` : `the clock goes at ${rate}`;
  return injury([id], evidence, async () => {
    const now = node.lives === lives ? await node.status() : undefined;
    if (now === undefined) return { effective: false, evidence: 'was started anew or could not be asked' };
    await node.setClock({ rate: 1, jumpMs: 0 });
    const measured = (now.clockNs - since.clockNs) / (now.hostNs - since.hostNs);
    const asked = Math.abs(measured / rate - 1) < RATE_TOLERANCE;
    const jumped = rate !== 1 || Math.abs(jumpedMs - jumpMs) < JUMP_TOLERANCE_MS;
    const words = rate === 1 ? `jumped by ${Math.round(jumpedMs)} ms` : `went at ${measured.toFixed(3)}`;
    return { effective: asked && jumped, evidence: `the clock ${words}` };
  });
}

function aheadNs({ clockNs, hostNs }: NodeStatus): number {
  return clockNs - hostNs;
}
