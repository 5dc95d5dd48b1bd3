/** What is told of a schedule that was played: enough to find it again, and to see that it was the same. */
import { createHash } from 'node:crypto';
import { msToNs } from '../base/time.ts';
import type { Plan } from '../contract/index.ts';
import { natureOf } from '../faults/index.ts';
import { livenessOf, type Liveness } from '../invariants/index.ts';
import { findingsOf, play, type Finding, type Played } from './play.ts';

export interface Outcome {
  readonly seed: string;
  /** The first of each class. */
  readonly findings: readonly Finding[];
  /** Operations that were answered. */
  readonly ok: number;
  /** Of virtual time. */
  readonly seconds: number;
  /** Steps that really hurt, and all. */
  readonly effective: number;
  readonly steps: number;
  /** How well it was led, until the clients' time was over. */
  readonly liveness: Liveness;
  /** Of history and probes: equal plans have equal ones. */
  readonly digest: string;
  /** Milliseconds of this machine, for the simulation and for judging it. */
  readonly playMs: number;
  readonly judgeMs: number;
}

/** Plays and judges a plan. */
export async function outcomeOf(plan: Plan): Promise<Outcome> {
  const beganMs = performance.now();
  const played = await play(plan);
  const playedMs = performance.now();
  const findings = firstOfEach(findingsOf(played));
  const judgedMs = performance.now();
  const { history, historyText, probes, faults } = played;
  return {
    seed: plan.seed,
    findings,
    ok: history.filter(({ type }) => type === 'ok').length,
    seconds: played.outcome.durationNs / 1e9,
    effective: faults.filter((line) => line.event === 'heal' && line.effective).length,
    steps: plan.steps.length,
    liveness: livenessIn(played),
    digest: createHash('sha256').update(historyText).update(JSON.stringify(probes)).digest('hex').slice(0, 16),
    playMs: playedMs - beganMs,
    judgeMs: judgedMs - playedMs,
  };
}

/** What a node believed when it died it does not believe any more: that it is gone stands in the faults alone. */
function livenessIn({ plan, probes, faults }: Played): Liveness {
  const stops = faults.flatMap((line) =>
    line.event === 'inject' && line.kind !== 'pause' && natureOf(line.kind) === 'down'
      ? line.nodes.map((node) => ({ node, atNs: line.time }))
      : [],
  );
  return livenessOf(probes, { fromNs: 0, toNs: msToNs(plan.timeMs), stops });
}

function firstOfEach(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const name = `${finding.detector} ${finding.class}`;
    if (!seen.has(name)) seen.set(name, finding);
  }
  return [...seen.values()];
}
