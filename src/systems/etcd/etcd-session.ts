/** One client's connection to one member of etcd, over the HTTP/JSON gateway. */
import type { ClientOptions, Completion } from '../../contract/cluster.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Place, Refusal, Session } from '../../contract/system.ts';
import { HttpSession, type HttpAnswer } from '../http-session.ts';
import { vocabularyOf } from '../vocabulary.ts';
import { HEAD, valueOf, wordFor, type Body, type EtcdRequest } from './etcd-words.ts';

type Call = Parameters<Session['ask']>[0];
type Outcome = Completion | Refusal;
type Ask = (request: EtcdRequest, leftMs: number) => Promise<HttpAnswer>;

/** Errors that say of a proposal that it was not even made. Any other may have been carried out, or may yet be. */
const NOT_PROPOSED = /raft proposal dropped|too many requests|request is too large/;

/** Connects when it is first used. */
export function etcdSession(node: NodeId, place: Place, options: ClientOptions): Session {
  const http = new HttpSession(place.listen(node, 'client'));
  const ask: Ask = ({ path, body }, leftMs) => http.post(path, body, leftMs);
  const by = { ask, isSerializable: options.reads === 'serializable', vocabulary: vocabularyOf(options) };
  return {
    ask: (call, timeoutMs) =>
      call.f === 'dequeue' ? takeHead(call, timeoutMs, { node, ask }) : askOnce(call, timeoutMs, { node, ...by }),
    close: async () => http.close(),
  };
}

async function askOnce(
  { f, key = '', value }: Call,
  timeoutMs: number,
  by: { readonly node: NodeId; readonly ask: Ask; readonly isSerializable: boolean; readonly vocabulary: string },
): Promise<Outcome> {
  const word = wordFor(by.vocabulary, f);
  const isRead = word.isRead === true;
  const { path, body } = word.request(key, value);
  const request = isRead ? { path, body: { ...body, serializable: by.isSerializable } } : { path, body };
  return outcomeOf(await by.ask(request, timeoutMs), isRead, (said) => ({
    ...word.meaning(said, key),
    from: answerer(by.node, said),
  }));
}

/** Whoever deletes the first key has its value. Another one that was quicker is no reason to give up: nothing was done so far. */
async function takeHead(
  { key = '' }: Call,
  timeoutMs: number,
  { node, ask }: { readonly node: NodeId; readonly ask: Ask },
): Promise<Outcome> {
  const deadlineMs = performance.now() + timeoutMs;
  const leftMs = (): number => Math.max(1, deadlineMs - performance.now());
  for (;;) {
    const found = await ask(HEAD.find(key), leftMs());
    const empty: Outcome | null = outcomeOf(found, true, (said) => ({
      kind: 'ok',
      output: null,
      from: answerer(node, said),
    }));
    // A question that was not answered changed nothing.
    if (empty.kind !== 'ok') return { kind: 'refused', error: empty.error };
    const head = ((found as { readonly body?: unknown }).body as Body).kvs?.[0];
    if (head === undefined) return empty;
    const taken = outcomeOf(await ask(HEAD.take(head), leftMs()), false, (said) => ({
      kind: 'ok',
      output: said.succeeded === true ? valueOf(head) : null,
      from: answerer(node, said),
    }));
    if (taken.kind !== 'ok' || taken.output !== null) return taken;
    if (performance.now() >= deadlineMs) return { kind: 'refused', error: 'others were quicker' };
  }
}

function outcomeOf(answer: HttpAnswer, isRead: boolean, meaning: (body: Body) => Completion): Outcome {
  if (answer.kind !== 'answered')
    return { kind: answer.kind === 'unsent' ? 'refused' : 'unknown', error: answer.error };
  const body = answer.body as Body;
  if (answer.status === 200) return meaning(body);
  const error = body.message ?? body.error ?? `status ${answer.status}`;
  // A read that failed changed nothing.
  return { kind: isRead || NOT_PROPOSED.test(error) ? 'refused' : 'unknown', error };
}

function answerer(node: NodeId, { header }: Body): { readonly node: NodeId; readonly term?: number } {
  const term = Number(header?.raft_term);
  return { node, ...(term > 0 && { term }) };
}
