/**
 * Registers in ZooKeeper: a node each. A compare-and-set reads at the server that it speaks to and writes where the version is still that one, so
 * its "no" may come from a server that lags, or from a version: it observes nothing, and is no mismatch.
 */
import type { ClientOptions, Completion } from '../../contract/cluster.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Place, Refusal, Session } from '../../contract/system.ts';
import { vocabularyOf } from '../vocabulary.ts';
import { askAsRead, encoded, put, refused, type Ask } from './asking.ts';
import { performOnCollection } from './zookeeper-collections.ts';
import { BAD_VERSION, create, getData, NO_NODE, NODE_EXISTS, readData, setData } from './requests.ts';
import { NotAnswered, ZookeeperConnection } from './zookeeper-connection.ts';

type Call = Parameters<Session['ask']>[0];
type Json = Call['value'];

/** Connects when it is first used. */
export function zookeeperSession(node: NodeId, place: Place, options: ClientOptions): Session {
  const { reads } = options;
  const isOfRegisters = vocabularyOf(options) === 'register';
  const connection = new ZookeeperConnection(place.listen(node, 'client'));
  return {
    ask: async (call, timeoutMs) => {
      const deadlineMs = performance.now() + timeoutMs;
      const ask: Ask = (...requests) => connection.ask(requests, deadlineMs);
      const done = await (isOfRegisters ? perform : performOnCollection)(call, reads, ask).catch(notAnswered);
      return done.kind === 'ok' ? { ...done, from: { node } } : done;
    },
    close: async () => connection.close(),
  };
}

function notAnswered(error: unknown): Completion | Refusal {
  if (!(error instanceof NotAnswered)) throw error;
  return { kind: error.kind === 'unsent' ? 'refused' : 'unknown', error: error.message };
}

function perform({ f, key = '', value }: Call, reads: string, ask: Ask): Promise<Completion | Refusal> {
  // A slash would lead into a folder that nobody has made.
  const path = `/${encodeURIComponent(key)}`;
  switch (f) {
    case 'read':
      return read(path, reads, ask);
    case 'write':
      return write(path, encoded(value), ask);
    case 'cas': {
      const [from, to] = value as readonly [Json, Json];
      return from === null ? createOnly(path, encoded(to), ask) : replace(path, [encoded(from), encoded(to)], ask);
    }
    default:
      throw new Error(`ZooKeeper is not asked to ${f}`);
  }
}

async function read(path: string, reads: string, ask: Ask): Promise<Completion | Refusal> {
  const reply = await askAsRead(path, getData(path), { reads, ask });
  if (reply.error === NO_NODE) return { kind: 'ok', output: null };
  return reply.error === 0 ? { kind: 'ok', output: JSON.parse(readData(reply).data) as Json } : refused(reply);
}

async function write(path: string, data: string, ask: Ask): Promise<Completion | Refusal> {
  const reply = await put(path, data, ask);
  return reply.error === 0 ? { kind: 'ok', output: null } : refused(reply);
}

async function createOnly(path: string, data: string, ask: Ask): Promise<Completion | Refusal> {
  const reply = await ask(create(path, data));
  if (reply.error === NODE_EXISTS) return { kind: 'fail', error: 'it exists' };
  return reply.error === 0 ? { kind: 'ok', output: true } : refused(reply);
}

async function replace(path: string, [from, to]: readonly [string, string], ask: Ask): Promise<Completion | Refusal> {
  const found = await ask(getData(path));
  if (found.error === NO_NODE) return { kind: 'fail', error: 'it does not exist here' };
  if (found.error !== 0) return refused(found);
  const { data, version } = readData(found);
  if (data !== from) return { kind: 'fail', error: 'another value here' };
  const reply = await ask(setData(path, to, version));
  if (reply.error === BAD_VERSION) return { kind: 'fail', error: 'another version' };
  return reply.error === 0 ? { kind: 'ok', output: true } : refused(reply);
}
