/**
 * Sets and queues in ZooKeeper, by its recipes: a folder each. A member is a node of its name; what is put into a queue is a numbered node, and
 * whoever deletes the one with the lowest number has it. A server that lags shows nodes that are gone, whose deletion fails, and lacks only later
 * ones: the first that can be deleted is the head. That there is none takes a read in the mode `quorum`.
 */
import type { Completion } from '../../contract/cluster.ts';
import type { Refusal, Session } from '../../contract/system.ts';
import { askAsRead, encoded, refused, type Ask } from './asking.ts';
import {
  create,
  getChildren,
  getData,
  NO_NODE,
  NODE_EXISTS,
  readChildren,
  readData,
  remove,
  type ZkReply,
  type ZkRequest,
} from './requests.ts';

type Call = Parameters<Session['ask']>[0];
type Json = Call['value'];
type Outcome = Completion | Refusal;

/** One operation on a set or a queue. Rejects with NotAnswered. */
export async function performOnCollection({ f, key = '', value }: Call, reads: string, ask: Ask): Promise<Outcome> {
  const folder = `/${encodeURIComponent(key)}.all`;
  const member = `${folder}/${encodeURIComponent(encoded(value))}`;
  switch (f) {
    case 'read': {
      const names = await namesIn(folder, reads, ask);
      return 'kind' in names ? names : { kind: 'ok', output: names.map(valueNamed) };
    }
    case 'add':
      return changed(await inside(folder, create(member, ''), ask), NODE_EXISTS);
    case 'remove':
      return changed(await ask(remove(member)), NO_NODE);
    case 'enqueue': {
      const reply = await inside(folder, create(`${folder}/n`, encoded(value), 'numbered'), ask);
      return reply.error === 0 ? { kind: 'ok', output: null } : refused(reply);
    }
    case 'dequeue':
      return dequeue(folder, ask);
    default:
      throw new Error(`ZooKeeper is not asked to ${f}`);
  }
}

/** An error of that number says that there was nothing to change. */
function changed(reply: ZkReply, unchanged: number): Outcome {
  if (reply.error === 0 || reply.error === unchanged) return { kind: 'ok', output: reply.error === 0 };
  return refused(reply);
}

/** Makes the folder first where it is missing: then the request did nothing. */
async function inside(folder: string, request: ZkRequest, ask: Ask): Promise<ZkReply> {
  const reply = await ask(request);
  if (reply.error !== NO_NODE) return reply;
  const made = await ask(create(folder, ''));
  return made.error === 0 || made.error === NODE_EXISTS ? ask(request) : made;
}

async function dequeue(folder: string, ask: Ask): Promise<Outcome> {
  for (const reads of ['local', 'quorum']) {
    const names = await namesIn(folder, reads, ask);
    if ('kind' in names) return names;
    for (const name of names.toSorted()) {
      const taken = await take(`${folder}/${name}`, ask);
      if (taken !== null) return taken;
    }
    if (names.length === 0 && reads === 'quorum') return { kind: 'ok', output: null };
  }
  return { kind: 'refused', error: 'others were quicker' };
}

/** Null where somebody else has it. */
async function take(path: string, ask: Ask): Promise<Outcome | null> {
  const found = await ask(getData(path));
  if (found.error === NO_NODE) return null;
  if (found.error !== 0) return refused(found);
  const value = JSON.parse(readData(found).data) as Json;
  const reply = await ask(remove(path));
  if (reply.error === NO_NODE) return null;
  return reply.error === 0 ? { kind: 'ok', output: value } : refused(reply);
}

async function namesIn(folder: string, reads: string, ask: Ask): Promise<readonly string[] | Refusal> {
  const reply = await askAsRead(folder, getChildren(folder), { reads, ask });
  if (reply.error === NO_NODE) return [];
  return reply.error === 0 ? readChildren(reply) : refused(reply);
}

function valueNamed(name: string): Json {
  return JSON.parse(decodeURIComponent(name)) as Json;
}
