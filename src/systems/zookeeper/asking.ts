/** What registers and collections in ZooKeeper have in common: how something is put, and how something is read in each mode. */
import type { Refusal, Session } from '../../contract/system.ts';
import { create, NO_NODE, NODE_EXISTS, setData, sync, type ZkReply, type ZkRequest } from './requests.ts';

/** Asks one after another, and resolves to the reply to the last. */
export type Ask = (...requests: readonly ZkRequest[]) => Promise<ZkReply>;

/** Written before a read in the mode `quorum`: a server that has answered this has everything that was committed before. */
const BEFORE_READS = '/stalemate-before-reads';

/** Reads as that mode does. A failure before it is the reply. */
export async function askAsRead(
  path: string,
  request: ZkRequest,
  { reads, ask }: { readonly reads: string; readonly ask: Ask },
): Promise<ZkReply> {
  if (reads === 'quorum') {
    const before = await put(BEFORE_READS, '', ask);
    if (before.error !== 0) return before;
  }
  return reads === 'sync' ? ask(sync(path), request) : ask(request);
}

/** Each error proves that the one request did nothing; the last reply is that of the one that did. */
export async function put(path: string, data: string, ask: Ask): Promise<ZkReply> {
  const reply = await ask(setData(path, data));
  if (reply.error !== NO_NODE) return reply;
  const made = await ask(create(path, data));
  return made.error === NODE_EXISTS ? ask(setData(path, data)) : made;
}

/** The server says that it was not done. */
export function refused({ error }: ZkReply): Refusal {
  return { kind: 'refused', error: `error ${error}` };
}

export function encoded(value: Parameters<Session['ask']>[0]['value']): string {
  return JSON.stringify(value);
}
