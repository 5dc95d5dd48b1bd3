/**
 * Registers in a JetStream key-value bucket: the last message on a subject each. A compare-and-set reads, and publishes where the last message on
 * the subject is still that one: its "no" comes from a number, observes nothing, and is no mismatch.
 */
import type { ClientOptions, Completion } from '../../contract/cluster.ts';
import type { NodeId } from '../../contract/names.ts';
import type { Place, Refusal, Session } from '../../contract/system.ts';
import { NatsConnection, type NatsAnswer } from './nats-connection.ts';

type Call = Parameters<Session['ask']>[0];
type Json = Call['value'];

/** The stream behind the bucket, by the name that NATS' own clients would give it. */
export const STREAM = 'KV_registers';
/** Where the values are published. */
export const SUBJECTS = '$KV.registers';

const NOT_FOUND = 404;
/** JetStream's own numbers. */
const NO_MESSAGE = 10_037;
const WRONG_LAST_SEQUENCE = 10_071;

/** A value and the number of the message that has it; 0 where there is none. */
interface Found {
  readonly kind: 'found';
  readonly value: Json;
  readonly sequence: number;
}

/** Connects when it is first used. */
export function natsSession(node: NodeId, place: Place, { reads }: ClientOptions): Session {
  const connection = new NatsConnection(place.listen(node, 'client'));
  return {
    ask: (call, timeoutMs) => {
      const deadlineMs = performance.now() + timeoutMs;
      const ask: Ask = (subject, payload, headers) =>
        connection.ask({ subject, payload, ...(headers && { headers }) }, deadlineMs - performance.now());
      return perform(call, { ask, isDirect: reads === 'direct' });
    },
    close: async () => connection.close(),
  };
}

type Ask = (subject: string, payload: string, headers?: Readonly<Record<string, string>>) => Promise<NatsAnswer>;

interface By {
  readonly ask: Ask;
  /** Whichever server has a replica may answer. */
  readonly isDirect: boolean;
}

async function perform({ f, key = '', value }: Call, by: By): Promise<Completion | Refusal> {
  const subject = `${SUBJECTS}.${key}`;
  switch (f) {
    case 'read': {
      const found = await (by.isDirect ? readDirectly : readAtLeader)(subject, by.ask);
      return found.kind === 'found' ? { kind: 'ok', output: found.value } : found;
    }
    case 'write':
      return publish(subject, value, null, by.ask);
    case 'cas': {
      const [from, to] = value as readonly [Json, Json];
      const found = await readAtLeader(subject, by.ask);
      // So far nothing was written, whatever became of the question.
      if (found.kind === 'unknown') return { kind: 'refused', error: found.error };
      if (found.kind !== 'found') return found;
      if (JSON.stringify(found.value) !== JSON.stringify(from)) return { kind: 'fail', error: 'another value there' };
      const done = await publish(subject, to, found.sequence, by.ask);
      return done.kind === 'ok' ? { ...done, output: true } : done;
    }
    default:
      throw new Error(`NATS is not asked to ${f}`);
  }
}

type NotFound = Extract<Completion, { kind: 'unknown' }> | Refusal;

async function readAtLeader(subject: string, ask: Ask): Promise<Found | NotFound> {
  const answer = await ask(`$JS.API.STREAM.MSG.GET.${STREAM}`, JSON.stringify({ last_by_subj: subject }));
  if (answer.kind !== 'answered') return notAnswered(answer);
  const { message, error } = JSON.parse(answer.message.payload) as {
    readonly message?: { readonly seq: number; readonly data: string };
    readonly error?: JetStreamError;
  };
  if (error?.err_code === NO_MESSAGE) return { kind: 'found', value: null, sequence: 0 };
  if (message === undefined) return { kind: 'refused', error: wordOf(error) };
  const text = Buffer.from(message.data, 'base64').toString();
  return { kind: 'found', value: JSON.parse(text) as Json, sequence: message.seq };
}

async function readDirectly(subject: string, ask: Ask): Promise<Found | NotFound> {
  const answer = await ask(`$JS.API.DIRECT.GET.${STREAM}.${subject}`, '');
  if (answer.kind !== 'answered') return notAnswered(answer);
  const { status, headers, payload } = answer.message;
  if (status === NOT_FOUND) return { kind: 'found', value: null, sequence: 0 };
  const sequence = Number(headers.get('Nats-Sequence'));
  if (status !== 200 || !(sequence > 0)) return { kind: 'refused', error: `status ${status}` };
  return { kind: 'found', value: JSON.parse(payload) as Json, sequence };
}

async function publish(subject: string, value: Json, last: number | null, ask: Ask): Promise<Completion | Refusal> {
  const headers = last === null ? undefined : { 'Nats-Expected-Last-Subject-Sequence': String(last) };
  const answer = await ask(subject, JSON.stringify(value), headers);
  if (answer.kind !== 'answered') return notAnswered(answer);
  const { seq, error } = JSON.parse(answer.message.payload) as {
    readonly seq?: number;
    readonly error?: JetStreamError;
  };
  if (error?.err_code === WRONG_LAST_SEQUENCE) return { kind: 'fail', error: 'another message came before' };
  // What other errors leave undone, NATS does not say.
  return (seq ?? 0) > 0 ? { kind: 'ok', output: null } : { kind: 'unknown', error: wordOf(error) };
}

interface JetStreamError {
  readonly err_code?: number;
  readonly description?: string;
}

function wordOf(error: JetStreamError | undefined): string {
  return error?.description ?? 'no answer to the question';
}

function notAnswered({ kind, error }: Exclude<NatsAnswer, { kind: 'answered' }>): NotFound {
  return { kind: kind === 'unsent' ? 'refused' : 'unknown', error };
}
