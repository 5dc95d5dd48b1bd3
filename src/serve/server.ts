/**
 * `results/` as pages, for one reader on this machine: a list, comparisons, and the files themselves. Listens on 127.0.0.1 only and answers
 * only who asks for it by that name (a page elsewhere could have its own name resolve to 127.0.0.1). Files are served from below the folder, links
 * followed first, in a sandbox without an origin: whoever wrote a report must not read the others.
 */
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { StalemateError } from '../base/errors.ts';
import { comparePage, runsPage, type ComparedRun } from '../report/index.ts';
import { listFolders, readResult, readRunFile, runFolder } from '../store/index.ts';

export interface ServeOptions {
  /** The results folder. */
  readonly root: string;
  /** 0 for any. */
  readonly port: number;
  readonly version: string;
}

/** A server that listens. */
export interface Served {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const HOST = '127.0.0.1';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.xml': 'application/xml; charset=utf-8',
};
const PLAIN = 'text/plain; charset=utf-8';
/** Of our own pages, which load nothing and whose forms ask us. */
const OWN_POLICY =
  "default-src 'none';style-src 'unsafe-inline';script-src 'unsafe-inline';img-src data:;form-action 'self';frame-ancestors 'none'";

/** Begins to listen. Throws a usage error where the port is taken or the folder is none. */
export async function serve(options: ServeOptions): Promise<Served> {
  const root = realRoot(options.root);
  const server = createServer((request, response) => {
    try {
      answer({ ...options, root }, request, response);
    } catch (error) {
      if (!(error instanceof StalemateError)) throw error;
      send(response, 500, PLAIN, `${error.message}\n`);
    }
  });
  await listen(server, options.port);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://${HOST}:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function realRoot(root: string): string {
  try {
    const real = realpathSync(root);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  throw new StalemateError('usage', `--out ${root}: no folder`, 'stalemate run makes one');
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new StalemateError('usage', `--port ${port}: cannot listen (${error.code})`, 'another one, or 0 for any')),
    );
    server.listen(port, HOST, resolve);
  });
}

function answer(options: ServeOptions, request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request;
  if (method !== 'GET' && method !== 'HEAD') return send(response, 405, PLAIN, 'only GET\n');
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? ''))
    return send(response, 403, PLAIN, 'not that name\n');
  const asked = parsed(url);
  if (asked === null) return send(response, 400, PLAIN, 'not an address\n');
  const { path, query } = asked;
  if (path === '/') return send(response, 200, TYPES['.html']!, list(options, query));
  if (path === '/compare') return compare(options, query, response);
  const file = path.startsWith('/results/') ? fileAt(options.root, path.slice('/results/'.length)) : null;
  if (file === null) return send(response, 404, PLAIN, 'no such page\n');
  sendFile(response, file, method);
}

/** Null for what no honest browser sends. */
function parsed(url: string): { readonly path: string; readonly query: URLSearchParams } | null {
  const [path = '', query = ''] = url.split('?', 2);
  try {
    return { path: decodeURIComponent(path), query: new URLSearchParams(query) };
  } catch {
    return null;
  }
}

function list({ root, version }: ServeOptions, query: URLSearchParams): string {
  const filter = { verdict: query.get('verdict') ?? '', words: query.get('words') ?? '' };
  return runsPage(listFolders(root), { filter, version, about: root });
}

function compare({ root, version }: ServeOptions, query: URLSearchParams, response: ServerResponse): void {
  const runs = query.getAll('run').map((name) => finished(root, name));
  const [left, right] = runs;
  if (left === undefined || right === undefined || left === null || right === null || runs.length !== 2)
    return send(response, 400, PLAIN, 'two finished runs can be compared: tick two on the list\n');
  send(response, 200, TYPES['.html']!, comparePage([left, right], { version, about: root }));
}

/** The run of that name in the folder; null where there is none, or none that is finished. */
function finished(root: string, name: string): ComparedRun | null {
  const path = fileAt(root, `${name}/run.json`);
  if (path === null) return null;
  const folder = runFolder(join(path, '..'));
  const result = readResult(folder);
  return result === null ? null : { name, run: readRunFile(folder), result };
}

/** The file at that path, if it lies below the root when every link was followed. */
function fileAt(root: string, path: string): string | null {
  if (path.includes('\0')) return null;
  try {
    const real = realpathSync(join(root, path));
    return real.startsWith(root + sep) && statSync(real).isFile() ? real : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}

function sendFile(response: ServerResponse, path: string, method: string): void {
  const { size } = statSync(path);
  response.writeHead(200, {
    ...headersOf(TYPES[extname(path)] ?? PLAIN),
    'content-length': size,
    'content-security-policy': 'sandbox allow-scripts allow-popups',
  });
  if (method === 'HEAD' || size === 0) return void response.end();
  // A file that grows is cut where its length was told. Whoever hangs up in the middle leaves no file open.
  pipeline(createReadStream(path, { end: size - 1 }), response, () => {});
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...headersOf(type), 'content-security-policy': OWN_POLICY });
  response.end(body);
}

function headersOf(type: string): Record<string, string> {
  return {
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
}
