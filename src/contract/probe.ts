/**
 * Probes: what a node believed, when. Nodes write them to a side file, unbuffered, on the run's clock; the simulator
 * emits the same, and those besides that are too many for a file. They feed invariants, fault targets and the node lanes of the
 * report; never the verdict.
 */
import type { Json } from '../base/json.ts';
import type { Nanos } from '../base/time.ts';

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** A probe without its place and time, as the core emits it. */
export type ProbeBody =
  /** The node (re)started with this recovered state. */
  | {
      readonly kind: 'start';
      readonly term: number;
      readonly votedFor: string | null;
      readonly lastIndex: number;
      readonly lastTerm: number;
      readonly commitIndex: number;
    }
  | { readonly kind: 'role'; readonly role: Role; readonly term: number; readonly leader: string | null }
  /** A follower heard the leader of its term. Told a tenth of a second after the last time at the earliest: heartbeats are many. */
  | { readonly kind: 'heard'; readonly term: number; readonly leader: string }
  /** A vote released to `votedFor`. */
  | { readonly kind: 'vote'; readonly term: number; readonly votedFor: string }
  /** Entry appended (anything that was at index or beyond is gone). `chain` = hash over this and all earlier entries. */
  | { readonly kind: 'append'; readonly index: number; readonly entryTerm: number; readonly chain: number }
  | { readonly kind: 'commit'; readonly index: number; readonly term: number }
  /** A state change of the map; entries that change nothing are left out. */
  | { readonly kind: 'apply'; readonly index: number; readonly key: string; readonly value: Json }
  /**
   * A snapshot up to `index` is durable. It is of the node's own state, or it was `installed`: sent by a leader, and now in place of
   * log and state. `hash` is over its bytes: equal snapshots have equal hashes.
   */
  | {
      readonly kind: 'snapshot';
      readonly index: number;
      readonly entryTerm: number;
      readonly chain: number;
      readonly hash: number;
      readonly installed: boolean;
    }
  /** The state machine after the entry at `index`: nodes that applied the same entries have the same hash. Told every so many entries, if at all. */
  | { readonly kind: 'state'; readonly index: number; readonly hash: number }
  /**
   * The members as this node's log has them, by its entry at `index` or by the snapshot that ends there; committed or not. Voters of
   * `outgoing` are those of the old half of a joint configuration.
   */
  | {
      readonly kind: 'configuration';
      readonly index: number;
      readonly entryTerm: number;
      readonly voters: readonly string[];
      readonly outgoing: readonly string[];
      readonly learners: readonly string[];
    }
  /** How far a leader of `term` believes that follower's log to be like its own, and where it goes on. In no file. */
  | {
      readonly kind: 'match';
      readonly term: number;
      readonly follower: string;
      readonly matchIndex: number;
      readonly nextIndex: number;
    }
  /** A client was told what became of the entry that its command is. In no file. */
  | { readonly kind: 'answer'; readonly index: number; readonly entryTerm: number }
  /** An invariant of the node itself broke (a mutant goes on, the correct node stops). */
  | { readonly kind: 'invariant'; readonly name: string; readonly message: string };

/** One line of nodes/<n>/probes.jsonl, if its kind stands there. */
export type Probe = { readonly time: Nanos; readonly node: string } & ProbeBody;
