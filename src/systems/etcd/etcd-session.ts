/**
 * One client's connection to one member of etcd, over the HTTP/JSON gateway. Reads, writes and compare-and-sets of whole values: the
 * comparison is of the value, in a transaction that is an entry of the log, so that its "no" is an observation.
 */
import type { ClientOptions, Completion } from '../../contract/cluster.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Place, Refusal, Session } from '../../contract/system.ts';
import { HttpSession, type HttpAnswer } from '../http-session.ts';

type Call = Parameters<Session['ask']>[0];
type Json = Call['value'];

/** What the gateway answers, as far as it is looked at. Whole numbers come as texts, and what is zero or false is left out. */
interface Body {
  readonly header?: { readonly raft_term?: string };
  readonly kvs?: readonly { readonly value?: string }[];
  readonly succeeded?: boolean;
  readonly message?: string;
  readonly error?: string;
}

/** Errors that say of a proposal that it was not even made. Any other may have been carried out, or may yet be. */
const NOT_PROPOSED = /raft proposal dropped|too many requests|request is too large/;

/** Connects when it is first used. */
export function etcdSession(node: NodeId, place: Place, options: ClientOptions): Session {
  const http = new HttpSession(place.listen(node, 'client'));
  const isSerializable = options.reads === 'serializable';
  return {
    ask: async (call, timeoutMs) => {
      const { path, body } = requestFor(call, isSerializable);
      return completionOf(call, await http.post(path, body, timeoutMs), node);
    },
    close: async () => http.close(),
  };
}

function requestFor(
  { f, key = '', value }: Call,
  isSerializable: boolean,
): { readonly path: string; readonly body: object } {
  const name = base64(key);
  switch (f) {
    case 'read':
      return { path: '/v3/kv/range', body: { key: name, serializable: isSerializable } };
    case 'write':
      return { path: '/v3/kv/put', body: { key: name, value: encoded(value) } };
    case 'cas': {
      const [from, to] = value as readonly [Json, Json];
      const compare = {
        key: name,
        result: 'EQUAL',
        ...(from === null ? NEVER_WRITTEN : { target: 'VALUE', value: encoded(from) }),
      };
      return {
        path: '/v3/kv/txn',
        body: { compare: [compare], success: [{ requestPut: { key: name, value: encoded(to) } }] },
      };
    }
    default:
      throw new Error(`etcd is not asked to ${f}`);
  }
}

const NEVER_WRITTEN = { target: 'VERSION', version: '0' };

function completionOf(call: Call, answer: HttpAnswer, node: NodeId): Completion | Refusal {
  if (answer.kind !== 'answered')
    return { kind: answer.kind === 'unsent' ? 'refused' : 'unknown', error: answer.error };
  const body = answer.body as Body;
  if (answer.status !== 200) return failureOf(call, body.message ?? body.error ?? `status ${answer.status}`);
  const term = Number(body.header?.raft_term);
  const from = { node, ...(term > 0 && { term }) };
  switch (call.f) {
    case 'read':
      return { kind: 'ok', output: valueIn(body), from };
    case 'cas':
      return body.succeeded === true ? { kind: 'ok', output: true, from } : { kind: 'fail', error: 'mismatch', from };
    default:
      return { kind: 'ok', output: null, from };
  }
}

/** A read that failed changed nothing. */
function failureOf({ f }: Call, error: string): Completion | Refusal {
  return f === 'read' || NOT_PROPOSED.test(error) ? { kind: 'refused', error } : { kind: 'unknown', error };
}

function valueIn({ kvs }: Body): Json {
  const value = kvs?.[0]?.value;
  return value === undefined ? null : (JSON.parse(Buffer.from(value, 'base64').toString()) as Json);
}

function encoded(value: Json): string {
  return base64(JSON.stringify(value));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
