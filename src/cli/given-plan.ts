/** The plan of `run` and of `sim`: what their flags describe, or one from a file, for which another node and another seed may be given. */
import { StalemateError } from '../base/errors.ts';
import type { Capability, Plan } from '../contract/index.ts';
import { MUTANTS } from '../raft/rules.ts';
import { mutantNamed, seedNamed } from '../run/index.ts';
import { text, type Flag, type Given } from './command.ts';
import { PLAN_FLAGS, planOf } from './plan-flags.ts';
import { readPlan } from './plan-file.ts';

export const PLAN_FLAG: Flag = {
  type: 'string',
  describe:
    'carry out this plan: a file, a run.json or the folder of a run; --mutant (or none) and --seed put others in place of its own',
};

/** The plan, and whether flags describe it. Throws a usage error. */
export function planGiven(
  given: Given,
  can: ReadonlySet<Capability>,
): { readonly plan: Plan; readonly isFromFlags: boolean } {
  const path = text(given, 'plan');
  if (path === undefined) return { plan: planOf(given, can), isFromFlags: true };
  const settled = Object.keys(PLAN_FLAGS).find((name) => !OVERRIDING.includes(name) && text(given, name) !== undefined);
  if (settled !== undefined)
    throw new StalemateError(
      'usage',
      `--plan with --${settled}: the plan says that`,
      'leave one out, or edit the plan',
    );
  const plan = readPlan(path);
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

const OVERRIDING = ['mutant', 'seed'];
