/**
 * Registers in PostgreSQL: a row each, every operation one statement. An update finds the row by its value, so that its "no" is an observation of
 * the primary; replicas refuse to write.
 */
import type { ClientOptions, Completion } from '../../contract/cluster.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Place, Refusal, Session } from '../../contract/system.ts';
import { PgConnection, type PgAnswer } from './pg-connection.ts';
import { literal } from './pg-wire.ts';

type Call = Parameters<Session['ask']>[0];
type Json = Call['value'];

export const TABLE = 'stalemate_registers';

/** Connects when it is first used. */
export function pgSession(node: NodeId, place: Place, { reads }: ClientOptions): Session {
  const connection = new PgConnection(place.listen(node, 'server'));
  return {
    ask: async (call, timeoutMs) =>
      completionOf(call, await connection.ask(statement(call), timeoutMs), { node, reads }),
    close: async () => connection.close(),
  };
}

function statement({ f, key = '', value }: Call): string {
  const name = literal(key);
  switch (f) {
    case 'read':
      return `SELECT pg_is_in_recovery(), (SELECT value FROM ${TABLE} WHERE key = ${name})`;
    case 'write':
      return `INSERT INTO ${TABLE} VALUES (${name}, ${encoded(value)}) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value`;
    case 'cas': {
      const [from, to] = value as readonly [Json, Json];
      if (from === null) return `INSERT INTO ${TABLE} VALUES (${name}, ${encoded(to)}) ON CONFLICT (key) DO NOTHING`;
      return `UPDATE ${TABLE} SET value = ${encoded(to)} WHERE key = ${name} AND value = ${encoded(from)}`;
    }
    default:
      throw new Error(`PostgreSQL is not asked to ${f}`);
  }
}

function completionOf(
  { f }: Call,
  answer: PgAnswer,
  { node, reads }: { readonly node: NodeId; readonly reads: string },
): Completion | Refusal {
  if (answer.kind === 'lost') return { kind: 'unknown', error: answer.error };
  if (answer.kind !== 'answered') return { kind: 'refused', error: answer.error };
  const from = { node };
  if (f === 'read') {
    const [isReplica, value] = answer.rows[0] ?? [];
    if (isReplica !== 'f' && reads === 'primary') return { kind: 'refused', error: `${node} is no primary` };
    return { kind: 'ok', output: typeof value === 'string' ? (JSON.parse(value) as Json) : null, from };
  }
  if (f === 'write') return { kind: 'ok', output: null, from };
  const isDone = answer.tag.endsWith(' 1');
  return isDone ? { kind: 'ok', output: true, from } : { kind: 'fail', error: 'mismatch', from };
}

function encoded(value: Json): string {
  return literal(JSON.stringify(value));
}
