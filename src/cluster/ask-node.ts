/** What whoever runs a cluster asks of one node, over a connection of its own. */
import type { NodeId } from '../contract/names.ts';
import type { MemberSet } from '../faults/index.ts';
import { dial } from '../sockets/frame-socket.ts';
import { decodeResponse, encodeRequest } from '../wire/client-codec.ts';
import type { Request, Response } from '../wire/client-protocol.ts';
import { within } from './waiting.ts';

/** Where the nodes are, as host:port. */
interface Place {
  readonly clusterId: string;
  readonly addresses: Readonly<Record<NodeId, string>>;
}

const ANSWER_TIMEOUT_MS = 1000;

/** Asks `leader`, once, for these members; true once they are committed. */
export async function changeMembers(place: Place, leader: NodeId, { voters, learners }: MemberSet): Promise<boolean> {
  const addresses = Object.fromEntries([...voters, ...learners].map((id) => [id, place.addresses[id]!]));
  const answer = await askNode(place, leader, { kind: 'changeMembers', attempt: 1, voters, learners, addresses });
  return answer?.kind === 'result';
}

/** Asks `leader`, once, to hand the leadership to `target`. */
export function transferLeadership(place: Place, leader: NodeId, target: NodeId): Promise<Response | undefined> {
  return askNode(place, leader, { kind: 'transferLeadership', attempt: 1, target });
}

/** The answer; undefined where none came. */
export async function askNode(
  { clusterId, addresses }: Place,
  to: NodeId,
  request: Request,
): Promise<Response | undefined> {
  const hello = { role: 'client', clusterId, to } as const;
  let hangUp = (): void => {};
  const answered = new Promise<Response | undefined>((resolve) => {
    const connection = dial(addresses[to]!, hello, {
      onAccepted: () => connection.send(encodeRequest(request)),
      onPayload: (payload) => resolve(decodeResponse(payload)),
      onClose: () => resolve(undefined),
    });
    hangUp = () => connection.drop('answered');
  });
  const answer = await within(answered, ANSWER_TIMEOUT_MS);
  hangUp();
  return answer;
}
