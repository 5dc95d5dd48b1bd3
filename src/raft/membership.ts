/**
 * Changes of the members (Raft 6; thesis 4). One voter more or less is a change in one entry, because any majority of the old
 * members and any of the new ones overlap. A larger change goes through a joint configuration, in which every decision needs
 * a majority of both; once that is committed the leader, whichever it is by then, goes on to the new one.
 *
 * A new voter is a learner first, until it has caught up; else the cluster could commit nothing until it has (thesis 4.2.1).
 */
import { readAddress } from '../base/address.ts';
import { encodeConfiguration, isVoter, members } from './configuration.ts';
import type { Core } from './core.ts';
import { stepDownWithoutQuorum } from './leader.ts';
import { tellSuccessor } from './handover.ts';
import type { Leadership } from './leadership.ts';
import { settleReads } from './reads.ts';
import { proposeMembers } from './replication.ts';
import { becomeFollower } from './roles.ts';
import type { Configuration, Input, Membership, NodeId, Refusal } from './types.ts';

export function onChangeConfiguration(
  core: Core,
  { requestId, wanted }: Extract<Input, { kind: 'changeConfiguration' }>,
): void {
  stepDownWithoutQuorum(core);
  const { leadership } = core;
  const refusal = leadership === null ? 'not-leader' : refusalOf(core, leadership, wanted);
  if (leadership === null || refusal !== null) {
    core.out.push({ kind: 'reply', requestId, refusal: refusal ?? 'not-leader', leader: core.leaderId });
    return;
  }
  leadership.changes.push(requestId);
  proposeConfiguration(core, leadership, firstStep(core, wanted));
}

/**
 * Acts upon the configuration in force once it is committed: a joint one is left for the new one, a new one is the end of the
 * change. A leader that is no longer among the voters has led until here, and leaves (Raft 6), not without telling another to lead.
 */
export function settleConfiguration(core: Core, leadership: Leadership): void {
  const { configuration, configurationIndex } = core.log;
  if (configuration === leadership.settledConfiguration || configurationIndex > core.commitIndex) return;
  leadership.settledConfiguration = configuration;
  if (configuration.outgoing.length > 0)
    return proposeConfiguration(core, leadership, { ...configuration, outgoing: [] });
  const { changes } = leadership;
  leadership.changes = [];
  for (const requestId of changes) core.out.push({ kind: 'configurationChanged', requestId });
  if (core.isVoter) return;
  tellSuccessor(core, leadership);
  becomeFollower(core, core.term, null);
}

function refusalOf(core: Core, leadership: Leadership, wanted: Membership): Refusal | null {
  const { log, commitIndex, rules } = core;
  // As commands are: the target of a transfer has to catch up, and to stay a voter (thesis 3.10).
  if (leadership.handover !== null) return 'not-ready';
  // Two leaders in turn could each have a change under way that the other knows nothing of (Ongaro, raft-dev, July 2015).
  if (rules.changeAfterOwnCommit && commitIndex < leadership.firstIndex) return 'not-ready';
  // A joint configuration that is committed has been left already, by an entry that is not.
  if (rules.oneChangeAtATime && log.configurationIndex > commitIndex) return 'change-pending';
  if (!isWellFormed(log.configuration, wanted)) return 'malformed';
  const newVoters = wanted.voters.filter((id) => !isVoter(log.configuration, id));
  return newVoters.every((id) => isCaughtUp(core, leadership, id)) ? null : 'not-caught-up';
}

/** Far more than a cluster has, so that a configuration always fits into a frame. */
const MEMBERS_MAX = 100;
const NAME_LENGTH_MAX = 255;

/** At least one voter, nobody twice, every address somebody's own; and a member keeps its address, so that an id means one place. */
function isWellFormed(present: Configuration, { voters, learners, addresses }: Membership): boolean {
  const ids = [...voters, ...learners];
  const places = ids.map((id) => (Object.hasOwn(addresses, id) ? addresses[id]! : ''));
  const keepsPlace = (id: NodeId): boolean => (present.addresses[id] ?? addresses[id]) === addresses[id];
  return (
    voters.length > 0 &&
    ids.length <= MEMBERS_MAX &&
    [...ids, ...places].every((name) => name !== '' && name.length <= NAME_LENGTH_MAX) &&
    new Set(ids).size === ids.length &&
    new Set(places).size === ids.length &&
    places.every((place) => readAddress(place) !== undefined) &&
    ids.every(keepsPlace)
  );
}

/**
 * The last round of catching up, and the one under way so far, took less than an election timeout: what is left to bring will not
 * hold the cluster up for longer than an election does (thesis 4.2.1).
 */
function isCaughtUp({ nowNs, options }: Core, { followers }: Leadership, id: NodeId): boolean {
  const progress = followers.get(id);
  if (progress === undefined) return false;
  const { lastNs, sinceNs } = progress.catchUp;
  return Math.max(lastNs, nowNs - sinceNs) < options.electionTimeoutMinNs;
}

/** The new configuration at once where a majority of either overlaps with every majority of the other, the joint one elsewhere. */
function firstStep({ log, rules }: Core, { voters, learners, addresses }: Membership): Configuration {
  const present = log.configuration;
  const changed =
    voters.filter((id) => !present.voters.includes(id)).length +
    present.voters.filter((id) => !voters.includes(id)).length;
  const outgoing = changed > 1 && rules.jointConsensus ? present.voters : [];
  return { voters, outgoing, learners, addresses: { ...present.addresses, ...addresses } };
}

function proposeConfiguration(core: Core, leadership: Leadership, configuration: Configuration): void {
  const addresses = Object.fromEntries(members(configuration).map((id) => [id, configuration.addresses[id] ?? '']));
  proposeMembers(core, leadership, encodeConfiguration({ ...configuration, addresses }));
  // One voter alone hears no answers that could settle what waited for them.
  settleReads(core, leadership);
}
