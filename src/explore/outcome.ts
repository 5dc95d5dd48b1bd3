/** What is told of a schedule that was played: enough to find it again, and to see that it was the same. */
import { createHash } from 'node:crypto';
import type { Plan } from '../contract/index.ts';
import { findingsOf, play, type Finding } from './play.ts';

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
    digest: createHash('sha256').update(historyText).update(JSON.stringify(probes)).digest('hex').slice(0, 16),
    playMs: playedMs - beganMs,
    judgeMs: judgedMs - playedMs,
  };
}

function firstOfEach(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const name = `${finding.detector} ${finding.class}`;
    if (!seen.has(name)) seen.set(name, finding);
  }
  return [...seen.values()];
}
