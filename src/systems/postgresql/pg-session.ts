/** One client's connection to one PostgreSQL. Replicas refuse to write, and in the mode `primary` they are not believed when they are read. */
import type { ClientOptions, Completion } from '../../contract/cluster.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Place, Refusal, Session } from '../../contract/system.ts';
import { vocabularyOf } from '../vocabulary.ts';
import { PgConnection, type PgAnswer } from './pg-connection.ts';
import { literal } from './pg-wire.ts';
import { wordFor } from './pg-words.ts';

/** Connects when it is first used. */
export function pgSession(node: NodeId, place: Place, options: ClientOptions): Session {
  const connection = new PgConnection(place.listen(node, 'server'));
  return {
    ask: async ({ f, key = '', value }, timeoutMs) => {
      const word = wordFor(vocabularyOf(options), f);
      const answer = await connection.ask(word.statement(literal(key), value), timeoutMs);
      return completionOf(word, answer, { node, isOfPrimary: options.reads === 'primary' });
    },
    close: async () => connection.close(),
  };
}

function completionOf(
  word: ReturnType<typeof wordFor>,
  answer: PgAnswer,
  { node, isOfPrimary }: { readonly node: NodeId; readonly isOfPrimary: boolean },
): Completion | Refusal {
  if (answer.kind === 'lost') return { kind: 'unknown', error: answer.error };
  if (answer.kind !== 'answered') return { kind: 'refused', error: answer.error };
  const isReplica = word.isRead === true && answer.rows[0]?.[0] !== 'f';
  if (isReplica && isOfPrimary) return { kind: 'refused', error: `${node} is no primary` };
  return { ...word.meaning(answer), from: { node } };
}
