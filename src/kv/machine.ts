/**
 * The replicated state machine: a map from keys to JSON values (a text, a list, a counter, a lock …: `objects.ts`), with the
 * client sessions of thesis 6.3. Everything it does follows from the log alone: no clock, no chance, so that every node that
 * applied the same entries holds the same state.
 */
import { assert, AssertionError } from '../base/assert.ts';
import type { Json } from '../base/json.ts';
import type { Rules } from '../raft/rules.ts';
import type { Entry, LogIndex } from '../raft/types.ts';
import type { Operation } from '../wire/client-protocol.ts';
import { canonicalJson } from './canonical.ts';
import { type Command, decodeCommand } from './commands.ts';
import { execute } from './objects.ts';
import type { MachineState, Session } from './snapshot.ts';
import { TextHash } from './text-hash.ts';

/** Sessions kept at most. Opening one more evicts the one least recently used, by log index. */
const MAX_SESSIONS = 4096;

/** What applying one entry came to, and what whoever asked for it is answered. */
export type ApplyResult =
  /** An entry that answers nobody: a leader's no-op, a configuration. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'sessionOpened'; readonly session: number }
  | { readonly kind: 'sessionClosed' }
  /** `changed` tells the new value of a key where the map changed; a repeated command answers what it first did, and changes nothing. */
  | {
      readonly kind: 'output';
      readonly output: Json;
      readonly changed: { readonly key: string; readonly value: Json } | null;
    }
  /** The session is not known (any more); the command was not applied. */
  | { readonly kind: 'session-expired' }
  /** A late duplicate of a command whose successor was applied already; not applied again, and its answer is not kept. */
  | { readonly kind: 'superseded' };

type MachineRules = Pick<Rules, 'stateFollowsLog' | 'answersOutliveLeader'>;

export class KvMachine {
  readonly #map = new Map<string, Json>();
  /** In order of last use: a Map keeps the order of insertion, and a session is inserted anew when it is used. */
  readonly #sessions = new Map<number, Session>();
  readonly #rules: MachineRules;
  readonly #maxSessions: number;
  #lastApplied: LogIndex = 0;

  constructor(rules: MachineRules, maxSessions: number = MAX_SESSIONS) {
    this.#rules = rules;
    this.#maxSessions = maxSessions;
  }

  /** The machine that a snapshot holds, after the entry at `lastApplied`. */
  static from(
    { map, sessions }: MachineState,
    { lastApplied, rules }: { readonly lastApplied: LogIndex; readonly rules: MachineRules },
  ): KvMachine {
    const machine = new KvMachine(rules);
    for (const [key, value] of map) machine.#map.set(key, value);
    for (const [id, session] of sessions) machine.#sessions.set(id, { ...session });
    machine.#lastApplied = lastApplied;
    return machine;
  }

  /** All of it as it is now; what is applied later does not show in it. */
  state(): MachineState {
    const sessions = [...this.#sessions].map(([id, session]) => [id, { ...session }] as const);
    return { map: new Map(this.#map), sessions: new Map(sessions) };
  }

  /** Index of the last entry applied; 0 before the first. */
  get lastApplied(): LogIndex {
    return this.#lastApplied;
  }

  /** The value of a key now; null where it was never written. */
  read(key: string): Json {
    const value = this.#map.get(key) ?? null;
    if (!this.#rules.stateFollowsLog) this.#map.set(key, value);
    return value;
  }

  /**
   * A hash of everything that decides what later entries do: values, sessions in the order of their use, and the index. Nodes that
   * have applied the same entries have the same one. It walks the whole state.
   */
  stateHash(): number {
    const hash = new TextHash();
    hash.add(String(this.#lastApplied));
    for (const key of [...this.#map.keys()].toSorted()) {
      hash.add(JSON.stringify(key)).add(canonicalJson(this.#map.get(key)!));
    }
    for (const [id, { lastSequence, lastOutput }] of this.#sessions) {
      hash.add(`${id},${lastSequence}`).add(canonicalJson(lastOutput));
    }
    return hash.value;
  }

  /** Applies the next committed entry. */
  apply(entry: Entry): ApplyResult {
    assert(
      entry.index === this.#lastApplied + 1,
      () => `entry ${entry.index} was to be applied after ${this.#lastApplied}`,
    );
    this.#lastApplied = entry.index;
    // A leader's term begins with a no-op.
    if (entry.kind === 'noop' && !this.#rules.answersOutliveLeader) this.#forgetAnswers();
    return entry.kind === 'command' ? this.#run(entry.index, commandOf(entry)) : { kind: 'nothing' };
  }

  /** M42: the table of the leader that was is not the new one's. */
  #forgetAnswers(): void {
    for (const id of this.#sessions.keys()) this.#sessions.set(id, { lastSequence: 0, lastOutput: null });
  }

  #run(index: LogIndex, command: Command): ApplyResult {
    switch (command.kind) {
      case 'openSession':
        return this.#openSession(index);
      case 'closeSession':
        this.#sessions.delete(command.session);
        return { kind: 'sessionClosed' };
      case 'command':
        return this.#once(command.session, command.sequence, command.operation);
      case 'read':
        return { kind: 'output', output: this.read(command.key), changed: null };
    }
  }

  #openSession(index: LogIndex): ApplyResult {
    this.#sessions.set(index, { lastSequence: 0, lastOutput: null });
    if (this.#sessions.size > this.#maxSessions) {
      const [leastRecentlyUsed] = this.#sessions.keys();
      this.#sessions.delete(leastRecentlyUsed!);
    }
    return { kind: 'sessionOpened', session: index };
  }

  /** "If it receives a command whose serial number has already been executed, it responds immediately without re-executing" (Raft 8). */
  #once(id: number, sequence: number, operation: Operation): ApplyResult {
    const session = this.#sessions.get(id);
    if (session === undefined) return { kind: 'session-expired' };
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    if (sequence < session.lastSequence) return { kind: 'superseded' };
    if (sequence === session.lastSequence) return { kind: 'output', output: session.lastOutput, changed: null };
    const result = this.#execute(operation);
    session.lastSequence = sequence;
    session.lastOutput = result.output;
    return result;
  }

  #execute(operation: Operation): Extract<ApplyResult, { kind: 'output' }> {
    const { key } = operation;
    const { output, next } = execute(this.read(key), operation);
    if (next === undefined) return { kind: 'output', output, changed: null };
    this.#map.set(key, next);
    return { kind: 'output', output, changed: { key, value: next } };
  }
}

/** A committed entry that no member can read is a defect of whoever proposed it, and no fault of the connection that brought it. */
function commandOf({ index, data }: Entry): Command {
  try {
    return decodeCommand(data);
  } catch (error) {
    throw new AssertionError(`entry ${index} holds no command: ${String(error)}`);
  }
}
