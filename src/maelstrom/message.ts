/** Maelstrom's messages: one JSON object a line, `{"src": …, "dest": …, "body": {"type": …}}`. */
import type { Json } from '../base/json.ts';

/** The payload. Nodes may say to each other what they like; to clients they speak by `type`, `msg_id` and `in_reply_to`. */
export interface Body {
  readonly type?: Json;
  readonly msg_id?: Json;
  readonly in_reply_to?: Json;
  readonly [name: string]: Json | undefined;
}

export interface Message {
  readonly src: string;
  readonly dest: string;
  readonly body: Body;
}

/** The message on a line that `node` printed, or what is wrong with it. */
export function messageOf(line: string, node: string): Message | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return 'a line that is not JSON';
  }
  if (!isObject(parsed)) return 'a line that is no JSON object';
  const { src, dest, body } = parsed;
  if (src !== node) return `a message whose src is not ${node}`;
  if (typeof dest !== 'string') return 'a message without a dest';
  if (!isObject(body)) return 'a message without a body';
  return parsed as unknown as Message;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
