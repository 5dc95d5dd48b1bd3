/** One request to one node, over a connection of its own. */
import { dial } from '../sockets/frame-socket.ts';
import { decodeResponse, encodeRequest } from '../wire/client-codec.ts';
import type { Request, Response } from '../wire/client-protocol.ts';
import { within } from './waiting.ts';

/** Where the node is. */
export interface Asked {
  readonly clusterId: string;
  readonly node: string;
  readonly address: string;
}

const ANSWER_TIMEOUT_MS = 1000;

/** The answer; undefined where none came. */
export async function askNode(
  { clusterId, node: to, address }: Asked,
  request: Request,
): Promise<Response | undefined> {
  const hello = { role: 'client', clusterId, to } as const;
  let hangUp = (): void => {};
  const answered = new Promise<Response | undefined>((resolve) => {
    const connection = dial(address, hello, {
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
