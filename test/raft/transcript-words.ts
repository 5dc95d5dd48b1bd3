/** What happens on a table, in one line each. An entry is written as index@term, so that `3@2` is the entry at index 3 of term 2. */
import { unreachable } from '../../src/base/assert.ts';
import { decodeUtf8 } from '../../src/base/utf8.ts';
import { decodeConfiguration } from '../../src/raft/configuration.ts';
import type { Configuration, CoreProbe, Entry, LogIndex, Message, NodeId } from '../../src/raft/types.ts';
import type { TableEvent } from './seat.ts';

/** Rounds begin anew with each term; what is in front tells the term, which is in the message anyway. */
const ROUNDS_PER_TERM = 2 ** 32;

/** @param lastIndex the last entry before this event; null for what is not worth a line. */
export function wordsOf(node: NodeId, event: TableEvent, lastIndex: LogIndex): string | null {
  switch (event.kind) {
    case 'hardState':
      return `${node} writes #${event.writeId}: term ${event.hardState.term}, vote ${event.hardState.votedFor ?? '-'}`;
    case 'append':
      return `${node} writes #${event.writeId}: ${replacing(event.entries[0]!.index, lastIndex)}${entries(event.entries)}`;
    case 'durable':
      return `${node} has #${event.writeId} on its disk`;
    case 'apply':
      return `${node} applies ${entries(event.entries)}`;
    case 'sent':
      return `${node} > ${event.to} ${messageWords(event.message)}`;
    case 'held':
      return `${node} holds until #${event.after}: ${messageWords(event.message)}, for ${event.to}`;
    case 'accepted':
      return `${node} takes request ${event.requestId} as ${event.index}@${event.term}`;
    case 'readReady':
      return `${node} answers read ${event.requestId}`;
    case 'configurationChanged':
      return `${node} has made change ${event.requestId}`;
    case 'reply':
      return `${node} answers request ${event.requestId}: ${event.refusal}, leader ${event.leader ?? '-'}`;
    case 'transferEnded':
      return `${node} answers transfer ${event.requestId}: ${event.outcome}`;
    case 'probe':
      return probeWords(node, event.probe);
    case 'saveSnapshot':
      return `${node} saves a snapshot up to ${place(event.snapshot)}`;
    case 'compact':
      return `${node} drops its log up to ${place(event.snapshot)}`;
    case 'sendSnapshot':
      return null;
    case 'receiveSnapshot':
      return `${node} keeps ${event.data.length} bytes from ${event.offset} on`;
    case 'installSnapshot':
      return `${node} installs the snapshot up to ${place(event)}`;
    case 'resetLog':
      return `${node} begins its log behind ${place(event.snapshot)}, with ${entries(event.entries)}`;
    default:
      return unreachable(event);
  }
}

function replacing(first: LogIndex, lastIndex: LogIndex): string {
  if (first > lastIndex) return '';
  return first === lastIndex ? `in place of ${first}, ` : `in place of ${first} to ${lastIndex}, `;
}

function probeWords(node: NodeId, probe: CoreProbe): string | null {
  switch (probe.kind) {
    case 'role':
      return `${node} is ${probe.role} in term ${probe.term}${probe.role === 'follower' ? ` of ${probe.leader ?? '-'}` : ''}`;
    case 'vote':
      return `${node} has voted for ${probe.votedFor} in term ${probe.term}`;
    case 'commit':
      return `${node} commits up to ${probe.index}`;
    case 'invariant':
      return `${node} BREAKS ${probe.name}: ${probe.message}`;
    case 'append':
    case 'configuration':
    case 'match':
      return null;
    default:
      return unreachable(probe);
  }
}

function messageWords(message: Message): string {
  const { term } = message;
  switch (message.kind) {
    case 'requestVote': {
      const name = message.pre ? 'PreVote' : 'RequestVote';
      const by = message.transfer ? ' by transfer' : '';
      return `${name} term ${term}${by}, log up to ${message.lastLogIndex}@${message.lastLogTerm}`;
    }
    case 'requestVoteReply':
      return `${message.pre ? 'PreVote' : 'RequestVote'} reply term ${term}: ${message.granted ? 'granted' : 'refused'} ${message.asked}`;
    case 'appendEntries': {
      const { prevLogIndex, prevLogTerm, leaderCommit, round } = message;
      return `AppendEntries term ${term} after ${prevLogIndex}@${prevLogTerm}: ${entries(message.entries)}, commit ${leaderCommit}, round ${round % ROUNDS_PER_TERM}`;
    }
    case 'appendEntriesReply': {
      const round = `round ${message.round % ROUNDS_PER_TERM}`;
      if (message.success) return `AppendEntries reply term ${term}: matches up to ${message.matchIndex}, ${round}`;
      const { rejectedIndex, conflictIndex, conflictTerm } = message;
      return `AppendEntries reply term ${term}: refused at ${rejectedIndex}, try ${conflictIndex}@${conflictTerm}, ${round}`;
    }
    case 'installSnapshot': {
      const end = message.offset + message.data.length;
      return `InstallSnapshot term ${term} up to ${place(message)}: bytes ${message.offset} to ${end}${message.done ? ', the last' : ''}`;
    }
    case 'installSnapshotReply': {
      const state = message.installed ? 'installed' : `has ${message.offset} bytes`;
      return `InstallSnapshot reply term ${term} up to ${place(message)}: ${state}`;
    }
    case 'timeoutNow':
      return `TimeoutNow term ${term}`;
    default:
      return unreachable(message);
  }
}

function place(mark: { readonly lastIncludedIndex: LogIndex; readonly lastIncludedTerm: number }): string {
  return `${mark.lastIncludedIndex}@${mark.lastIncludedTerm}`;
}

function entries(list: readonly Entry[]): string {
  return list.length === 0 ? 'nothing' : list.map(entry).join(' ');
}

function entry({ index, term, kind, data }: Entry): string {
  switch (kind) {
    case 'noop':
      return `${index}@${term}`;
    case 'command': {
      // The entries that a story begins with say nothing but their place.
      const text = decodeUtf8(data);
      return text === `${index}@${term}` ? text : `${index}@${term}=${text}`;
    }
    case 'configuration':
      return `${index}@${term}=${configurationWords(decodeConfiguration(data))}`;
  }
}

/** `(n1 n2 n3)`; `(n1 n2 n4)&(n1 n2 n3)` in a joint one, the outgoing half last; learners behind a plus. */
export function configurationWords({ voters, outgoing, learners }: Configuration): string {
  const joint = outgoing.length === 0 ? '' : `&(${outgoing.join(' ')})`;
  const more = learners.length === 0 ? '' : `+(${learners.join(' ')})`;
  return `(${voters.join(' ')})${joint}${more}`;
}
