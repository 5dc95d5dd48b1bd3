/**
 * A plan from the simulator, or anybody's, carried over to another cluster: what that one cannot do is refused by name, and what it has of
 * its own takes the place of the plan's world. Faults, triggers, calls, timeouts and how the nodes are set up stay.
 */
import { StalemateError } from '../base/errors.ts';
import type { Capability, FaultStep, NodeSettings, Plan, SimulatedWorld, Trigger } from '../contract/index.ts';
import { faults } from '../faults/index.ts';

/** The plan as such a cluster can carry it out, and in words what is left out of it, or null. Throws a usage error. */
export function carryOver(
  plan: Plan,
  can: ReadonlySet<Capability>,
): { readonly plan: Plan; readonly leftOut: string | null } {
  for (const [nth, step] of plan.steps.entries()) refuseStep(nth, step, can);
  const { world, ...rest } = plan;
  if (world === undefined) return { plan, leftOut: null };
  return {
    plan: { ...rest, node: settingsOf(world) },
    leftOut:
      "left out of the plan: links, disks, snapshots and clocks of its simulated world; those here are the machine's",
  };
}

function settingsOf(world: SimulatedWorld): NodeSettings {
  const { heartbeatMs, preVote, checkQuorum, maxEntriesPerMessage, maxInFlight } = world;
  return { heartbeatMs, preVote, checkQuorum, maxEntriesPerMessage, maxInFlight };
}

function refuseStep(nth: number, step: FaultStep, can: ReadonlySet<Capability>): void {
  const lacking = faults.find(({ kind }) => kind === step.kind)!.needs.find((capability) => !can.has(capability));
  if (lacking !== undefined) throw refusal(`steps[${nth}]: this cluster cannot do ${step.kind} (${lacking})`);
  const unheard = [step.when, step.until].find(isOfProbes);
  if (unheard === undefined || can.has('probes')) return;
  throw refusal(`steps[${nth}] waits for ${unheard.kind} ${unheard.index}, of which this cluster does not tell`);
}

function isOfProbes(trigger: Trigger | undefined): trigger is Extract<Trigger, { readonly index: number }> {
  return trigger?.kind === 'append' || trigger?.kind === 'commit';
}

function refusal(what: string): StalemateError {
  return new StalemateError('usage', `--plan: ${what}`, 'stalemate sim --plan plays it');
}
