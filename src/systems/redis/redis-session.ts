/**
 * One client's connection to one Redis. Whoever believes to be the primary writes; a read in the mode `primary` asks in one transaction who it
 * is and what it has, so that a replica never answers it.
 */
import type { ClientOptions, Completion } from '../../contract/cluster.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Place, Refusal, Session } from '../../contract/system.ts';
import { RedisConnection, type RedisAnswer } from './redis-connection.ts';
import { isError, type Reply } from './resp.ts';

type Call = Parameters<Session['ask']>[0];
type Json = Call['value'];

/**
 * Compares the value and writes, in one step. The first line makes it a script that writes, which a replica refuses as a whole: otherwise one
 * that lags would answer by itself that the value is another one.
 */
const CAS = `#!lua
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`;

/** Connects when it is first used. */
export function redisSession(node: NodeId, place: Place, options: ClientOptions): Session {
  const connection = new RedisConnection(place.listen(node, 'server'));
  const isOfPrimary = options.reads !== 'replica';
  return {
    ask: async (call, timeoutMs) => {
      const answer = await connection.ask(commandsFor(call, isOfPrimary), timeoutMs);
      return completionOf(call, answer, node);
    },
    close: async () => connection.close(),
  };
}

function commandsFor({ f, key = '', value }: Call, isOfPrimary: boolean): readonly (readonly string[])[] {
  switch (f) {
    case 'read':
      return isOfPrimary ? [['MULTI'], ['ROLE'], ['GET', key], ['EXEC']] : [['GET', key]];
    case 'write':
      return [['SET', key, encoded(value)]];
    case 'cas': {
      const [from, to] = value as readonly [Json, Json];
      return [['EVAL', CAS, '1', key, from === null ? '' : encoded(from), encoded(to)]];
    }
    default:
      throw new Error(`Redis is not asked to ${f}`);
  }
}

function completionOf(call: Call, answer: RedisAnswer, node: NodeId): Completion | Refusal {
  if (answer.kind !== 'answered')
    return { kind: answer.kind === 'unsent' ? 'refused' : 'unknown', error: answer.error };
  const last = answer.replies.at(-1);
  // One thread: what is answered with an error was not done.
  if (isError(last)) return { kind: 'refused', error: last.error.slice(0, 60) };
  const from = { node };
  switch (call.f) {
    case 'read':
      return readOf(last ?? null, node);
    case 'cas':
      return last === 1 ? { kind: 'ok', output: true, from } : { kind: 'fail', error: 'mismatch', from };
    default:
      return { kind: 'ok', output: null, from };
  }
}

function readOf(reply: Reply, node: NodeId): Completion | Refusal {
  if (!Array.isArray(reply)) return { kind: 'ok', output: valueIn(reply), from: { node } };
  const [role, value] = reply as readonly Reply[];
  const isPrimary = Array.isArray(role) && role[0] === 'master';
  if (!isPrimary) return { kind: 'refused', error: `${node} is no primary` };
  return { kind: 'ok', output: valueIn(value ?? null), from: { node } };
}

function valueIn(reply: Reply): Json {
  return typeof reply === 'string' ? (JSON.parse(reply) as Json) : null;
}

/** Never empty, so that an empty text can mean that there is nothing. */
function encoded(value: Json): string {
  return JSON.stringify(value);
}
