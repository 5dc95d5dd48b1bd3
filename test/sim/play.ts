/**
 * Plays a schedule: a cluster under client load and faults, then, healed, until it has answered again; then judges what the
 * probes say and keeps what the clients saw for the checker.
 */
import { unreachable } from '../../src/base/assert.ts';
import { msToNs } from '../../src/base/time.ts';
import type { HistoryLine, Probe } from '../../src/contract/index.ts';
import { Invariants, type BrokenInvariant } from '../../src/invariants/index.ts';
import { rulesOf } from '../../src/replica/index.ts';
import { Simulation, type Failure } from '../../src/sim/sim.ts';
import { findWorkload } from '../../workloads/index.ts';
import { Load } from './load.ts';
import { Operator } from './operator.ts';
import type { FaultStep, MemberStep, Schedule } from './schedules.ts';

export interface Played {
  readonly broken: readonly BrokenInvariant[];
  readonly failures: readonly Failure[];
  readonly lines: readonly HistoryLine[];
  readonly probes: readonly Probe[];
  /** Whether every key was read again after the heal; a queue until it was empty. */
  readonly recovered: boolean;
  /** Changes of the members that were asked for and answered. */
  readonly changes: number;
}

const KEYS = ['x', 'y'];
/** A bound for progress once everything is healed: some forty election timeouts. */
const RECOVERY_MS = 10_000;

export function play(schedule: Schedule): Played {
  const probes: Probe[] = [];
  const invariants = new Invariants();
  const simulation = new Simulation({
    ...schedule,
    rules: rulesOf(schedule.mutant)!,
    onProbe: (probe) => {
      probes.push(probe);
      invariants.observe(probe);
      if (probe.kind === 'role' && probe.role === 'leader') operator.onLeader(probe.node);
    },
  });
  const operator = new Operator(simulation);
  const load = new Load(simulation, { ...schedule, keys: KEYS, attemptTimeoutMs: 150, operationTimeoutMs: 1000 });
  simulation.startAll();
  load.start();
  for (const fault of schedule.faults.filter((it) => it.atMs < schedule.faultMs)) {
    simulation.clock.after(msToNs(fault.atMs), () => inject(simulation, fault));
  }
  for (const step of schedule.members.filter((it) => it.atMs < schedule.faultMs)) {
    simulation.clock.after(msToNs(step.atMs), () => change(simulation, operator, step));
  }
  for (const { atMs, target } of schedule.transfers.filter((it) => it.atMs < schedule.faultMs)) {
    simulation.clock.after(msToNs(atMs), () => {
      const leader = simulation.leader();
      if (leader !== undefined) simulation.transferLeadership(leader, simulation.ids[target]!);
    });
  }
  simulation.runFor(schedule.faultMs);
  const recovered = recover(simulation, load, operator, schedule);
  const { broken } = invariants;
  return { broken, failures: simulation.failures, lines: load.lines, probes, recovered, changes: operator.done };
}

/** The second phase: nothing is broken any more, so the cluster has to answer within a bounded time. */
function recover(simulation: Simulation, load: Load, operator: Operator, schedule: Schedule): boolean {
  load.stop();
  simulation.repair();
  simulation.runUntil(() => load.isIdle, 2000);
  if (!simulation.runUntil(() => operator.isIdle, RECOVERY_MS)) return false;
  const workload = findWorkload(schedule.workload);
  return KEYS.every((key, nth) => {
    const client = simulation.connect({
      name: `final-${key}`,
      entry: operator.voters[0]!,
      pinned: false,
      reads: schedule.reads,
      vocabulary: workload.model.name,
      attemptTimeoutMs: 150,
    });
    // Processes beyond any that the load can have used.
    let process = 1_000_000 * (nth + 1);
    const ending = workload.ending(key);
    let call = ending.next();
    const ask = (): void => {
      if (call === null) return;
      load.ask(client, process++, call, (completion) => {
        if (completion.kind === 'ok') call = ending.next(completion.output);
        ask();
      });
    };
    ask();
    return simulation.runUntil(() => call === null, RECOVERY_MS);
  });
}

function change(
  simulation: Simulation,
  operator: Operator,
  { kind, target, runsOnForMs, cutOffForMs }: MemberStep,
): void {
  const { voters } = operator;
  const voter = (target === 'leader' ? simulation.leader() : undefined) ?? voters[Number(target) % voters.length];
  const id = voter ?? voters[0]!;
  switch (kind) {
    case 'add':
      return operator.add(1, cutOffForMs);
    case 'addTwo':
      return operator.add(2, cutOffForMs);
    case 'remove':
      return operator.remove(id, runsOnForMs);
    case 'replace':
      return operator.replace(id, { runsOnForMs, cutOffForMs });
    case 'replaceInPlace':
      return operator.replaceInPlace(id);
    case 'rivals':
      return operator.rivals();
    default:
      return unreachable(kind);
  }
}

function inject(simulation: Simulation, fault: FaultStep): void {
  const heal = hurt(simulation, fault);
  simulation.clock.after(msToNs(fault.forMs), heal);
}

/** Does the harm and gives its cure. */
function hurt(simulation: Simulation, fault: FaultStep): () => void {
  const resolve = (target: 'leader' | number): string => {
    const leader = target === 'leader' ? simulation.leader() : undefined;
    return leader ?? simulation.ids[target === 'leader' ? 0 : target]!;
  };
  switch (fault.kind) {
    case 'crash': {
      const id = resolve(fault.target);
      simulation.crash(id);
      return () => simulation.start(id);
    }
    case 'powerLoss': {
      const ids = fault.targets.map(resolve);
      simulation.losePower(ids);
      return () => ids.forEach((id) => simulation.start(id));
    }
    case 'pause': {
      const id = resolve(fault.target);
      simulation.pause(id);
      return () => simulation.resume(id, fault.order);
    }
    case 'isolate':
      simulation.isolate(fault.targets.map(resolve));
      return () => simulation.healAll();
    case 'oneWay':
      simulation.cut(resolve(fault.from), resolve(fault.to));
      return () => simulation.healAll();
    default:
      return unreachable(fault);
  }
}
