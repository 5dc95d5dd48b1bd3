/** How stalemate starts, asks and looks into `lagging-register.mjs`: the worked example of src/systems/README.md. */
import type { Completion, Endpoint, Refusal, Session, SystemAdapter } from '../../src/index.ts';

const PROGRAM = new URL('lagging-register.mjs', import.meta.url).pathname;
const LAG_MS = 30;

export const system: SystemAdapter = {
  name: 'lagging-register',
  reads: {
    promises: {
      primary: 'linearizable',
      any: 'may be stale: a replica answers from what it was told',
    },
    strongest: 'primary',
    nodeLocal: ['any'],
  },
  version: async () => '1.0',
  ports: { client: 'clients', peer: 'peers' },
  processes: (node, place) => {
    const replicas = place.nodes.filter((id) => id !== 'n1').map((id) => text(place.reach(id, 'peer')));
    const ports = [place.listen(node, 'client'), place.listen(node, 'peer')].map(({ port }) => String(port));
    const args = [PROGRAM, node, ...ports, place.data(node), String(LAG_MS), ...replicas];
    return [{ name: 'register', file: process.execPath, args }];
  },
  look: async (node, place, timeoutMs) => {
    const answer = await post(place.listen(node, 'client'), '/status', {}, timeoutMs);
    if (answer.kind !== 'answered') return null;
    return { role: node === 'n1' ? 'leader' : 'follower', term: 1, leader: 'n1' };
  },
  session: (node, place, { reads }): Session => ({
    ask: async (call, timeoutMs) => {
      const { f, key, value } = call;
      const [from, to] = f === 'cas' ? (value as readonly [unknown, unknown]) : [];
      const body = { key, value, from, to, reads };
      return meaningOf(f, node, await post(place.listen(node, 'client'), `/${f}`, body, timeoutMs));
    },
    close: async () => {},
  }),
};

type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: { readonly value?: number | null } }
  | { readonly kind: 'unsent' | 'lost'; readonly error: string };

/** The heart of an adapter: what is proven to have had no effect is `fail` or `refused`, and everything else unknown. */
function meaningOf(f: string, node: string, answer: Answer): Completion | Refusal {
  if (answer.kind !== 'answered')
    return { kind: answer.kind === 'unsent' ? 'refused' : 'unknown', error: answer.error };
  const from = { node };
  switch (answer.status) {
    case 200:
      return { kind: 'ok', output: f === 'read' ? (answer.body.value ?? null) : f === 'cas' ? true : null, from };
    case 409:
      return { kind: 'refused', error: 'not the primary', leader: 'n1' };
    case 412:
      return { kind: 'fail', error: 'mismatch', from };
    default:
      return { kind: 'unknown', error: `status ${answer.status}` };
  }
}

async function post(endpoint: Endpoint, path: string, body: object, timeoutMs: number): Promise<Answer> {
  try {
    const response = await fetch(`http://${text(endpoint)}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { kind: 'answered', status: response.status, body: (await response.json()) as { value?: number | null } };
  } catch (error) {
    // Only where no connection was made is it certain that nothing was sent.
    const { cause, name } = error as { readonly name: string; readonly cause?: { readonly code?: string } };
    const code = cause?.code ?? name;
    return { kind: code === 'ECONNREFUSED' ? 'unsent' : 'lost', error: code };
  }
}

function text({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
