/** Where a server stands, as it says itself: the keepers decide by it who leads, and the report tells it. */
import type { Endpoint } from '../../contract/system.ts';
import { PgConnection } from './pg-connection.ts';

/** What a server believes. */
export interface Standing {
  readonly isPrimary: boolean;
  /** Grows with every promotion. */
  readonly timeline: number;
  /** How far its log goes, in bytes. */
  readonly position: number;
  /** The port of whom it receives from; null where it receives from nobody. */
  readonly receivesFrom: number | null;
}

/**
 * A primary's timeline is that of the file it writes to: its control file says so only after the next checkpoint. A replica knows of one by
 * receiving it.
 */
const QUERY = `
  SELECT pg_is_in_recovery(),
    CASE WHEN pg_is_in_recovery()
      THEN greatest((SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint()))
      ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,
    CASE WHEN pg_is_in_recovery()
      THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
      ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn,
    (SELECT sender_port FROM pg_stat_wal_receiver WHERE status = 'streaming')`;

/** Asks it; null where it does not say. */
export async function standingOver(connection: PgConnection, timeoutMs: number): Promise<Standing | null> {
  const answer = await connection.ask(QUERY, timeoutMs);
  const row = answer.kind === 'answered' ? answer.rows[0] : undefined;
  if (row === undefined) return null;
  const [isReplica, timeline, position, port] = row;
  return {
    isPrimary: isReplica === 'f',
    timeline: Number(timeline),
    position: Number(position),
    receivesFrom: typeof port === 'string' ? Number(port) : null,
  };
}

/** The same over a connection of its own. */
export async function standingOf(endpoint: Endpoint, timeoutMs: number): Promise<Standing | null> {
  const connection = new PgConnection(endpoint);
  const standing = await standingOver(connection, timeoutMs);
  connection.close();
  return standing;
}
