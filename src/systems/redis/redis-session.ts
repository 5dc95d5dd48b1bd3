/**
 * One client's connection to one Redis. Whoever believes to be the primary writes; a read in the mode `primary` asks in one transaction who it
 * is and what it has, so that a replica never answers it.
 */
import type { ClientOptions, Completion } from '../../contract/cluster.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Place, Refusal, Session } from '../../contract/system.ts';
import { RedisConnection, type RedisAnswer } from './redis-connection.ts';
import { vocabularyOf } from '../vocabulary.ts';
import { wordFor } from './redis-words.ts';
import { isError, type Reply } from './resp.ts';

type Call = Parameters<Session['ask']>[0];
type Word = ReturnType<typeof wordFor>;

/** Connects when it is first used. */
export function redisSession(node: NodeId, place: Place, options: ClientOptions): Session {
  const connection = new RedisConnection(place.listen(node, 'server'));
  const isOfPrimary = options.reads !== 'replica';
  return {
    ask: async (call, timeoutMs) => {
      const word = wordFor(vocabularyOf(options), call.f);
      const answer = await connection.ask(commandsFor(word, call, isOfPrimary), timeoutMs);
      return completionOf(word, answer, { node, isOfPrimary });
    },
    close: async () => connection.close(),
  };
}

function commandsFor(word: Word, { key = '', value }: Call, isOfPrimary: boolean): readonly (readonly string[])[] {
  const command = word.command(key, value);
  return word.isRead === true && isOfPrimary ? [['MULTI'], ['ROLE'], command, ['EXEC']] : [command];
}

function completionOf(
  word: Word,
  answer: RedisAnswer,
  { node, isOfPrimary }: { readonly node: NodeId; readonly isOfPrimary: boolean },
): Completion | Refusal {
  if (answer.kind !== 'answered')
    return { kind: answer.kind === 'unsent' ? 'refused' : 'unknown', error: answer.error };
  const last = answer.replies.at(-1) ?? null;
  // One thread: what is answered with an error was not done.
  if (isError(last)) return { kind: 'refused', error: last.error.slice(0, 60) };
  if (word.isRead !== true || !isOfPrimary) return { ...word.meaning(last), from: { node } };
  const [role, said = null] = last as readonly Reply[];
  const isPrimary = Array.isArray(role) && role[0] === 'master';
  return isPrimary ? { ...word.meaning(said), from: { node } } : { kind: 'refused', error: `${node} is no primary` };
}
