/** Writes a minimal history as lines that the reader of `history.jsonl` takes. */
import type { MinimalOperation } from '../verdict/verdict.ts';
import type { Call, Json, Operation } from './operation.ts';

/**
 * A minimal history as a file of the same format, which `readJsonl` reads again. An operation that stands weakened is
 * written as that write, with a field `was` holding what was recorded; `op` is the recorded index of each invocation.
 */
export function writeJsonl(minimal: readonly MinimalOperation[]): string {
  const lines: { time: number; closing: boolean; record: Record<string, Json> }[] = [];
  let endNs = 0;
  for (const { operation } of minimal) {
    endNs = Math.max(endNs, operation.callNs, operation.outcome.kind === 'ok' ? operation.outcome.returnNs : 0);
  }
  for (const { operation, as } of minimal) {
    const call = as ?? operation.input;
    const was: Record<string, Json> = as === undefined ? {} : { was: record(operation.input) };
    lines.push({
      time: operation.callNs,
      closing: false,
      record: {
        process: operation.process,
        type: 'invoke',
        ...record(call),
        ...entry(operation),
        op: operation.id,
        ...was,
      },
    });
    const end = operation.outcome.kind === 'ok' ? operation.outcome.returnNs : endNs;
    lines.push({ time: end, closing: true, record: { process: operation.process, ...completion(operation, call) } });
  }
  lines.sort((a, b) => a.time - b.time || Number(a.closing) - Number(b.closing));
  return lines.map(({ time, record: rest }, index) => `${JSON.stringify({ index, time, ...rest })}\n`).join('');
}

function record(call: Call): Record<string, Json> {
  return call.key === undefined ? { f: call.f, value: call.value } : { f: call.f, key: call.key, value: call.value };
}

function entry(operation: Operation): Record<string, Json> {
  return operation.entryNode === undefined ? {} : { node: operation.entryNode };
}

function completion(operation: Operation, call: Call): Record<string, Json> {
  const { outcome } = operation;
  if (outcome.kind === 'unknown') return { type: 'info', ...record(call), error: outcome.reason };
  const answerer = {
    ...(operation.node === undefined ? {} : { node: operation.node }),
    ...(operation.term === undefined ? {} : { term: operation.term }),
    ...(operation.applied === undefined ? {} : { applied: operation.applied }),
  };
  if (call.f === 'cas' && outcome.output === false) {
    return { type: 'fail', ...record(call), error: 'mismatch', ...answerer };
  }
  const value = call.f === 'write' || call.f === 'cas' ? call.value : outcome.output;
  return { type: 'ok', ...record({ ...call, value }), ...answerer };
}
