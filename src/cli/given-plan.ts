/** The plan of `run` and of `sim`: what their flags describe, or one from a file, for which another node and another seed may be given. */
import { StalemateError } from '../base/errors.ts';
import type { Plan } from '../contract/index.ts';
import { MAELSTROM } from '../systems/names.ts';
import { MUTANTS } from '../raft/rules.ts';
import { mutantNamed, seedNamed } from '../run/index.ts';
import { text, type Flag, type Given } from './command.ts';
import { PLAN_FLAGS, planOf, type Aim } from './plan-flags.ts';
import { readPlan } from './plan-file.ts';

export const PLAN_FLAG: Flag = {
  type: 'string',
  describe:
    'carry out this plan: a file, a run.json or the folder of a run; --mutant (or none) and --seed put others in place of its own',
};

/** The name of the system that flags, or the plan in a file, ask for; the bundled one where they say nothing. Throws a usage error. */
export function systemGiven(given: Given): { readonly name: string; readonly flags: Readonly<Record<string, string>> } {
  const path = text(given, 'plan');
  if (path === undefined) return { name: text(given, 'system') ?? usualSystem(given), flags: {} };
  const { system, foreign } = readPlan(path);
  return { name: system, flags: foreign?.flags ?? {} };
}

function usualSystem(given: Given): string {
  return text(given, 'system-cmd') === undefined ? 'raft' : MAELSTROM;
}

/** The plan, and whether flags describe it. Throws a usage error. */
export function planGiven(given: Given, aim: Aim): { readonly plan: Plan; readonly isFromFlags: boolean } {
  const path = text(given, 'plan');
  if (path === undefined) return { plan: planOf(given, aim), isFromFlags: true };
  const settled = Object.keys(PLAN_FLAGS).find((name) => !OVERRIDING.includes(name) && given[name] !== undefined);
  if (settled !== undefined)
    throw new StalemateError(
      'usage',
      `--plan with --${settled}: the plan says that`,
      'leave one out, or edit the plan',
    );
  const plan = readPlan(path);
  if (plan.foreign !== undefined && text(given, 'mutant') !== undefined)
    throw new StalemateError('usage', `--mutant with a plan for ${plan.system}: only raft has that`, 'leave it out');
  const { mutant = plan.mutant ?? 'none', seed } = { mutant: text(given, 'mutant'), seed: text(given, 'seed') };
  return {
    plan: {
      ...plan,
      mutant: mutantNamed(mutant, Object.keys(MUTANTS)),
      // Its own may be longer than one that is given: swarms and shrinking put something behind it.
      seed: seed === undefined ? plan.seed : seedNamed(seed),
    },
    isFromFlags: false,
  };
}

const OVERRIDING = ['mutant', 'seed', 'bin-dir', 'system-cmd', 'endpoints', 'fault-cmd'];
