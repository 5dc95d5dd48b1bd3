/**
 * One connection to an HTTP server that speaks JSON, kept open and used for one request at a time. Nothing is ever sent twice: what was not
 * answered is told to whoever asked, with what is known of it, since only a request that never left is proven to have had no effect.
 */
import { Agent, request } from 'node:http';
import type { Endpoint } from '../contract/system.ts';

/** What became of a request. `unsent`: not one byte of it left. `lost`: it left, and no whole answer came back. */
export type HttpAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'unsent' | 'lost'; readonly error: string };

export class HttpSession {
  readonly #endpoint: Endpoint;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Sends JSON, resolves within `timeoutMs`. */
  post(path: string, body: unknown, timeoutMs: number): Promise<HttpAnswer> {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve) => {
      let hasLeft = false;
      const sent = request({ ...this.#endpoint, method: 'POST', path, agent: this.#agent, headers });
      const timer = setTimeout(() => sent.destroy(new Error('timeout')), timeoutMs);
      const settle = (answer: HttpAnswer): void => {
        clearTimeout(timer);
        resolve(answer);
      };
      const fail = (error: Error): void => settle({ kind: hasLeft ? 'lost' : 'unsent', error: wordOf(error) });
      sent.once('socket', (socket) => {
        if (!socket.connecting) hasLeft = true;
        else socket.once('connect', () => (hasLeft = true));
      });
      sent.on('error', fail);
      sent.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', fail);
        response.once('end', () => settle(parsed(response.statusCode ?? 0, Buffer.concat(chunks).toString())));
      });
      sent.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parsed(status: number, text: string): HttpAnswer {
  try {
    return { kind: 'answered', status, body: JSON.parse(text) as unknown };
  } catch {
    return { kind: 'lost', error: `an answer (${status}) that is no JSON` };
  }
}

/** `ECONNREFUSED`, `timeout`. */
function wordOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
