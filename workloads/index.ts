/** Front door of the workloads: each by its name. */
import { StalemateError } from '../src/base/errors.ts';
import { suggest } from '../src/base/suggest.ts';
import { appendWorkload } from './append.ts';
import { casRegisterWorkload } from './cas-register.ts';
import { counterWorkload } from './counter.ts';
import { kvWorkload } from './kv.ts';
import { lockWorkload } from './lock.ts';
import { queueWorkload } from './queue.ts';
import { registerWorkload } from './register.ts';
import { setWorkload } from './set.ts';
import type { Workload } from './workload.ts';

export { hasReads, isRead, type Ending, type Generator, type Workload } from './workload.ts';

/** Every workload, the default first. */
export const workloads: readonly Workload<unknown>[] = [
  casRegisterWorkload,
  registerWorkload,
  kvWorkload,
  queueWorkload,
  lockWorkload,
  counterWorkload,
  setWorkload,
  appendWorkload,
];

/** The workload of that name. Throws a usage error that names the nearest one, or all. */
export function findWorkload(name: string): Workload<unknown> {
  const found = workloads.find((it) => it.name === name);
  if (found !== undefined) return found;
  const names = workloads.map((it) => it.name);
  const near = suggest(name, names);
  const hint = near === null ? `one of ${names.join(', ')}` : `did you mean ${near}?`;
  throw new StalemateError('usage', `--workload ${name}: no such workload`, hint);
}
