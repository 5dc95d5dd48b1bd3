/** Load for the bundled node: its own client protocol, writes exactly once by (session, sequence), reads by read-index. */
import type { Response } from '../../../src/wire/client-protocol.ts';
import { decodeResponse, encodeRequest } from '../../../src/wire/client-codec.ts';
import { dial } from '../../../src/sockets/frame-socket.ts';
import type { LoadClient, LoadConnection, LoaderTask } from './loader-task.ts';

/** Connects to the leader. */
export async function connectStalemate({ leader, identity, valueBytes }: LoaderTask): Promise<LoadConnection> {
  if (identity === undefined) throw new Error('a node must be named');
  const waiting = new Map<number, (response: Response) => void>();
  let attempts = 0;
  const socket = await new Promise<ReturnType<typeof dial>>((resolve, reject) => {
    const dialled = dial(
      leader,
      { role: 'client', clusterId: identity.clusterId, to: identity.node },
      {
        onAccepted: () => {
          resolve(dialled);
        },
        onPayload: (payload) => {
          const response = decodeResponse(payload);
          waiting.get(response.attempt)?.(response);
          waiting.delete(response.attempt);
        },
        onClose: (reason) => {
          reject(new Error(reason));
        },
      },
    );
  });
  type Asked = Parameters<typeof encodeRequest>[0] extends infer R
    ? R extends unknown
      ? Omit<R, 'attempt'>
      : never
    : never;
  const ask = (request: Asked): Promise<Response> =>
    new Promise((resolve) => {
      const attempt = ++attempts;
      waiting.set(attempt, resolve);
      socket.send(encodeRequest({ ...request, attempt } as Parameters<typeof encodeRequest>[0]));
    });
  const isDone = (response: Response): boolean => response.kind === 'result';
  return {
    client: async (): Promise<LoadClient> => {
      const opened = await ask({ kind: 'openSession' });
      if (opened.kind !== 'sessionOpened') throw new Error(`no session: ${JSON.stringify(opened)}`);
      const { session } = opened;
      let sequence = 0;
      return {
        put: async (key, number) => {
          sequence++;
          const value = String(number).padEnd(valueBytes, 'v');
          const operation = { f: 'write', key: `k${key}`, value } as const;
          return isDone(await ask({ kind: 'command', session, sequence, operation }));
        },
        get: async (key) => {
          const response = await ask({ kind: 'read', mode: 'read-index', key: `k${key}` });
          if (response.kind !== 'result') return undefined;
          const { output } = response;
          return typeof output === 'string' ? Number.parseInt(output, 10) : null;
        },
      };
    },
    close: () => {
      socket.drop('done');
    },
  };
}
