/** How a node becomes a follower: for a higher term, for a leader that it hears, or because its own leadership ended. */
import type { Core } from './core.ts';
import { endHandover } from './handover.ts';
import type { NodeId, Term } from './types.ts';

/**
 * "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower" (figure 2, 5.1).
 * The election timer is left alone unless this node had none: only a leader's message or a granted vote starts it again.
 */
export function becomeFollower(core: Core, term: Term, leader: NodeId | null): void {
  if (term === core.term && core.role === 'follower' && core.leaderId === leader) return;
  const { leadership } = core;
  core.leadership = null;
  core.voteRetryNs = Infinity;
  core.votes.clear();
  if (term > core.term) core.saveHardState(term, null);
  core.setRole('follower', leader);
  if (leadership === null) return;
  core.redrawElectionTimer();
  endHandover(core, leadership, leadership.handover?.toldNs === -Infinity ? 'lost-leadership' : 'stepped-down');
  for (const requestId of [...leadership.commands.keys(), ...leadership.changes]) {
    core.out.push({ kind: 'reply', requestId, refusal: 'lost-leadership', leader });
  }
  for (const { requestId } of [...leadership.confirmed, ...leadership.unconfirmed]) {
    core.out.push({ kind: 'reply', requestId, refusal: 'not-leader', leader });
  }
}
