/**
 * A vacuous pass is not a pass. A run in which nobody wrote, nothing was read, or no fault really happened says nothing about
 * the system, and the verdict says so instead of ✓.
 */
import type { History, Json, Operation } from '../../checker/index.ts';
import type { FaultLine, Plan, RunEnd } from '../contract/index.ts';
import { natureOf } from '../faults/index.ts';
import { findWorkload, hasReads } from '../../workloads/index.ts';
import { spansOf, type FaultSpan } from './fault-spans.ts';
import { keyNames } from './plan.ts';

/** What a run would have needed to mean something, each missing condition in words; empty for a run that means something. */
export function vacuousReasons(it: {
  readonly plan: Plan;
  readonly history: History;
  readonly faults: readonly FaultLine[];
  readonly finalReads: RunEnd['finalReads'];
}): readonly string[] {
  const spans = spansOf(it.faults);
  const succeeded = it.history.operations.filter(isSuccess);
  const keys = keyNames(it.plan.keys);
  const workload = findWorkload(it.plan.workload);
  // A plan that says what each client asks means what it asks.
  const needs = it.plan.calls === undefined ? workload.needs : [];
  const unused = needs.flatMap(({ what, has }) => {
    const used = new Set(succeeded.filter(({ input, outcome }) => has(input, outputOf(outcome))).map(keyOf));
    return missingOf(what, keys, used);
  });
  return [
    ...unused,
    ...neverEffective(it.plan, spans),
    ...(spans.some((span) => span.effective && leavesMajority(span)) &&
    !succeeded.some((operation) => duringAny(operation, spans))
      ? ['no operation succeeded during a fault']
      : []),
    ...(it.finalReads.missing.length > 0
      ? [`no final ${hasReads(workload) ? 'read of' : 'look at'} ${listed(it.finalReads.missing)}`]
      : []),
  ];
}

/** Answered, and not with "no". */
export function isSuccess({ input, outcome }: Operation): boolean {
  return outcome.kind === 'ok' && !(input.f === 'cas' && outcome.output === false);
}

/** Whether the operation succeeded while a fault held that was not seen to have done nothing. */
export function duringAny({ outcome }: Operation, spans: readonly FaultSpan[]): boolean {
  if (outcome.kind !== 'ok') return false;
  const { returnNs } = outcome;
  return spans.some(({ fromNs, toNs, effective }) => {
    return (effective || toNs === Infinity) && fromNs <= returnNs && returnNs <= toNs;
  });
}

/** A cluster of which a majority, or all, is down by request answers nobody meanwhile. */
function leavesMajority({ kind, target }: FaultSpan): boolean {
  return natureOf(kind) !== 'down' || (target !== 'majority' && target !== 'all');
}

/** The key of the run: `x.2` is a later list of `x`. */
function keyOf({ input }: Operation): string {
  return (input.key ?? '').split('.')[0]!;
}

function outputOf(outcome: Operation['outcome']): Json {
  return outcome.kind === 'ok' ? outcome.output : null;
}

function missingOf(what: string, keys: readonly string[], used: ReadonlySet<string>): readonly string[] {
  const missing = keys.filter((key) => !used.has(key));
  return missing.length === 0 ? [] : [`no ${what} of ${listed(missing)} succeeded`];
}

const MOST_LISTED = 8;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).join(', ');
  return names.length > MOST_LISTED ? `${shown} and ${names.length - MOST_LISTED} more` : shown;
}

function neverEffective({ requested }: Plan, spans: readonly FaultSpan[]): readonly string[] {
  return requested
    .filter(({ kind, target }) => {
      return !spans.some(
        (span) => span.effective && span.kind === kind && (target === 'any' || span.target === target),
      );
    })
    .map(({ kind, target }) => `${target === 'any' ? kind : `${kind}:${target}`} was never effective`);
}
