/**
 * Maelstrom's lin-kv workload: `read`, `write` and `cas` of one key, and what the answers mean. A key that does not exist is one
 * that holds null here.
 */
import type { Completion } from '../contract/cluster.ts';
import type { NodeId } from '../contract/names.ts';
import type { Refusal, Session } from '../contract/system.ts';
import type { Body } from './message.ts';

type Call = Parameters<Session['ask']>[0];
type Json = Call['value'];

/** The body of a request, but for its `msg_id`. */
export function requestOf({ f, key = '', value }: Call): Body {
  switch (f) {
    case 'read':
      return { type: 'read', key };
    case 'write':
      return { type: 'write', key, value };
    case 'cas': {
      const [from, to] = value as readonly [Json, Json];
      // Null is no key at all: as the lin-kv service has it, such a compare-and-set may create it.
      return { type: 'cas', key, from, to, ...(from === null && { create_if_not_exists: true }) };
    }
    default:
      throw new Error(`lin-kv is not asked to ${f}`);
  }
}

/** What an answer to that call means. */
export function completionOf(call: Call, body: Body, node: NodeId): Completion | Refusal {
  const from = { node };
  if (body.type === 'error') return failureOf(call, body, from);
  if (body.type !== `${call.f}_ok`) {
    return { kind: 'unknown', error: `answered with ${JSON.stringify(body.type ?? null)}` };
  }
  if (call.f === 'read') return { kind: 'ok', output: body['value'] ?? null, from };
  return { kind: 'ok', output: call.f === 'cas' ? true : null, from };
}

/** Maelstrom's error codes. All others, and those of 1000 and above, are indefinite. */
const CODES: Readonly<Record<number, { readonly name: string; readonly means: 'indefinite' | 'failed' | 'refused' }>> =
  {
    0: { name: 'timeout', means: 'indefinite' },
    1: { name: 'node-not-found', means: 'refused' },
    10: { name: 'not-supported', means: 'failed' },
    11: { name: 'temporarily-unavailable', means: 'refused' },
    12: { name: 'malformed-request', means: 'failed' },
    13: { name: 'crash', means: 'indefinite' },
    14: { name: 'abort', means: 'failed' },
    20: { name: 'key-does-not-exist', means: 'failed' },
    21: { name: 'key-already-exists', means: 'failed' },
    22: { name: 'precondition-failed', means: 'failed' },
    30: { name: 'txn-conflict', means: 'refused' },
  };
const KEY_DOES_NOT_EXIST = 20;
const PRECONDITION_FAILED = 22;

/** Definite errors prove that nothing happened; some say what the key held; some, that another node, or the same one later, may do it. */
function failureOf(call: Call, { code, text }: Body, from: { readonly node: NodeId }): Completion | Refusal {
  const known = typeof code === 'number' && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  const error = known?.name ?? `error ${JSON.stringify(code ?? null)}`;
  if (code === KEY_DOES_NOT_EXIST && call.f === 'read') return { kind: 'ok', output: null, from };
  if (call.f === 'cas' && isMismatch(call, code)) return { kind: 'fail', error: 'mismatch', from };
  if (known?.means === 'refused') return { kind: 'refused', error };
  if (known?.means === 'failed') return { kind: 'fail', error, from };
  return { kind: 'unknown', error: typeof text === 'string' ? `${error}: ${text.slice(0, 200)}` : error };
}

/** Whether it says that the value was another one than expected. */
function isMismatch({ value }: Call, code: Json | undefined): boolean {
  const [expected] = value as readonly [Json, Json];
  return code === PRECONDITION_FAILED || (code === KEY_DOES_NOT_EXIST && expected !== null);
}
