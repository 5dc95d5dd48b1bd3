/**
 * The state machine as bytes, for snapshots (Raft 7): the map and the client sessions, both in their own order, which follows from
 * the log: nodes that have applied the same entries write the same bytes. Written piece by piece, so that no turn of the node
 * has to write all of it.
 */
import type { Json } from '../base/json.ts';
import type { Rules } from '../raft/rules.ts';
import { ByteReader, ByteWriter, WireError } from '../wire/bytes.ts';
import { readJson } from './commands.ts';

export interface Session {
  lastSequence: number;
  lastOutput: Json;
}

/** All that a state machine is, but for the index of the last entry applied, which the snapshot's mark tells. */
export interface MachineState {
  readonly map: ReadonlyMap<string, Json>;
  /** In order of last use. */
  readonly sessions: ReadonlyMap<number, Readonly<Session>>;
}

export const EMPTY_STATE: MachineState = { map: new Map(), sessions: new Map() };

const VERSION = 1;

/** Pieces of about `pieceBytes`, the last one shorter. The state must not change meanwhile. */
export function* encodeState(
  { map, sessions }: MachineState,
  { rules, pieceBytes }: { readonly rules: Pick<Rules, 'snapshotHoldsSessions'>; readonly pieceBytes: number },
): Generator<Uint8Array> {
  let writer = new ByteWriter().u8(VERSION).varint(map.size);
  for (const [key, value] of map) {
    writer.text(key).text(JSON.stringify(value));
    if (writer.length < pieceBytes) continue;
    yield writer.finish();
    writer = new ByteWriter();
  }
  const kept = rules.snapshotHoldsSessions ? sessions : EMPTY_STATE.sessions;
  writer.varint(kept.size);
  for (const [id, { lastSequence, lastOutput }] of kept) {
    writer.varint(id).varint(lastSequence).text(JSON.stringify(lastOutput));
    if (writer.length < pieceBytes) continue;
    yield writer.finish();
    writer = new ByteWriter();
  }
  yield writer.finish();
}

/** Reads what `encodeState` wrote, all pieces in one; throws WireError on anything else. */
export function decodeState(bytes: Uint8Array): MachineState {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== VERSION) throw new WireError(`state version ${version}; this is ${VERSION}`);
  const map = reader.list((it): readonly [string, Json] => [it.text(), readJson(it)]);
  const sessions = reader.list((it): readonly [number, Session] => {
    const id = it.varint();
    return [id, { lastSequence: it.varint(), lastOutput: readJson(it) }];
  });
  reader.end();
  return { map: new Map(map), sessions: new Map(sessions) };
}
