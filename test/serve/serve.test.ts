/** Results as pages: what is shown, and what is not handed out. Real sockets, ports of the kernel's choice. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersOf } from '../report/answers-fixture.ts';
import { serve } from '../../src/serve/index.ts';

const EVIL = '"><script>alert(1)</script>';
const OLD = '20261130T100000Z-raft-register-old';
const NEW = '20261130T110000Z-raft-register-new';
const GOING_ON = '20261130T120000Z-raft-register-going';
const CAMPAIGN = '20261130T130000Z-campaign-nightly';

let base: string;
let served: Awaited<ReturnType<typeof serve>>;

function runJson(name: string, seed: string): object {
  return {
    format: 1,
    run: name,
    plan: {
      nodes: 5,
      workload: 'register',
      reads: 'local',
      requested: [],
      timeMs: 5000,
      clients: 3,
      keys: 2,
      seed,
      mutant: null,
    },
    system: { name: 'stalemate-raft', version: '0.1.0', nodes: 5 },
    machine: { node: 'v20', platform: 'linux x64', cpus: 2 },
  };
}

function resultJson(verdict: string, sentence: string | null): object {
  return {
    format: 1,
    verdict,
    reason: null,
    promise: 'linearizable',
    ops: { total: 10, ok: 9, fail: 1, unknown: 0, okDuringFaults: 3 },
    faults: [],
    leaderChanges: 1,
    durationNs: 5e9,
    check: { seconds: 0.1 },
    staleness: { reads: 0, p50Ms: 0, maxMs: 0 },
    anomalyCount: sentence === null ? 0 : 1,
    anomalies: sentence === null ? [] : [{ sentence }],
    invariants: [],
  };
}

function write(path: string, content: object | string): void {
  writeFileSync(join(base, path), typeof content === 'string' ? content : JSON.stringify(content));
}

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'stalemate-serve-'));
  for (const name of [OLD, NEW, GOING_ON, CAMPAIGN]) mkdirSync(join(base, 'results', name), { recursive: true });
  write(`results/${OLD}/run.json`, runJson(OLD, 'old'));
  write(`results/${OLD}/result.json`, resultJson('linearizable', null));
  write(`results/${OLD}/report.html`, '<p>old report</p>');
  write(`results/${OLD}/history.jsonl`, '{"index":0}\n');
  write(`results/${OLD}/empty.txt`, '');
  write(`results/${NEW}/run.json`, runJson(NEW, EVIL));
  write(`results/${NEW}/result.json`, resultJson('not-linearizable', `Client 1 read ${EVIL}`));
  write(`results/${GOING_ON}/run.json`, runJson(GOING_ON, 'going'));
  write(`results/${CAMPAIGN}/campaign.json`, { format: 1, campaign: 'nightly' });
  write(`results/${CAMPAIGN}/result.json`, '{"cells":');
  symlinkSync(OLD, join(base, 'results', 'latest'));
  write('secret.txt', 'secret');
  mkdirSync(join(base, 'results-next'));
  write('results-next/secret.txt', 'secret');
  symlinkSync(join(base, 'secret.txt'), join(base, 'results', OLD, 'link.txt'));
  served = await serve({ root: join(base, 'results'), port: 0, version: '0.1.0' });
});

afterAll(async () => {
  await served.close();
  rmSync(base, { recursive: true });
});

async function get(
  path: string,
  init?: RequestInit,
): Promise<{ status: number; type: string; policy: string; body: string }> {
  const response = await fetch(new URL(path, served.url), init);
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    policy: response.headers.get('content-security-policy') ?? '',
    body: await response.text(),
  };
}

/** As no browser would send it. */
function raw(request: string): Promise<string> {
  const { port } = new URL(served.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.end(request));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => (answer += part));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

function rawGet(path: string, host = `127.0.0.1:${new URL(served.url).port}`): Promise<string> {
  return raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
}

/** Names of the files below the results folder that this process holds open. */
function openFiles(): readonly string[] {
  const root = join(base, 'results', OLD, '/');
  return readdirSync('/proc/self/fd')
    .map((fd) => linkOf(join('/proc/self/fd', fd)))
    .filter((path) => path.startsWith(root))
    .map((path) => path.slice(root.length));
}

/** Empty where it was closed meanwhile, as the one that lists them. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

describe('the list', () => {
  test('all runs, newest first, each with its verdict; what is damaged or going on is listed, too', async () => {
    const { status, body } = await get('/');
    expect(status).toBe(200);
    const places = [CAMPAIGN, GOING_ON, NEW, OLD].map((name) => body.indexOf(name));
    expect(places.every((at) => at >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(body).toContain(`<a href="/results/${OLD}/report.html">`);
    expect(body.match(/… Not finished/g)).toHaveLength(2);
  });

  test('answers to the notes are listed with what they came to', async () => {
    const name = '20261130T093000Z-notes-quick';
    mkdirSync(join(base, 'results', name));
    write(`results/${name}/answers.json`, answersOf());
    write(`results/${name}/answers.html`, '<p>answers</p>');
    const { body } = await get('/');
    expect(body).toContain(`<a href="/results/${name}/answers.html">`);
    expect(body).toContain('answers to the notes, seed');
    expect((await get(`/results/${name}/answers.html`)).body).toContain('answers');
    for (const odd of ['{}', 'null', '{"format":2}', '[]']) {
      write(`results/${name}/answers.json`, odd);
      expect((await get('/')).body).toContain(name);
    }
    rmSync(join(base, 'results', name), { recursive: true });
  });

  test('what is no file of ours, or of another version, is listed by its name, and can only not be compared', async () => {
    const name = '20261130T090000Z-raft-register-odd';
    const campaign = '20261130T090000Z-campaign-odd';
    for (const folder of [name, campaign]) mkdirSync(join(base, 'results', folder));
    write(`results/${campaign}/campaign.json`, { format: 1, campaign: 'odd' });
    for (const [run, result] of [
      ['{}', '{}'],
      ['null', 'null'],
      ['{"format":2}', '{"format":2}'],
      [JSON.stringify(runJson(name, 'odd')), '[]'],
    ] as const) {
      write(`results/${name}/run.json`, run);
      write(`results/${name}/result.json`, result);
      write(`results/${campaign}/result.json`, result);
      const { status, body } = await get('/');
      expect(status, run).toBe(200);
      expect(body).toContain(name);
      expect(body).toContain(campaign);
      expect((await get(`/compare?run=${OLD}&run=${name}`)).status).not.toBe(200);
    }
    rmSync(join(base, 'results', name, 'run.json'));
    mkdirSync(join(base, 'results', name, 'run.json'));
    expect((await get('/')).body).toContain(name);
    for (const folder of [name, campaign]) rmSync(join(base, 'results', folder), { recursive: true });
  });

  test.each([
    ['?verdict=linearizable', [OLD]],
    ['?verdict=not-linearizable', [NEW]],
    ['?words=GOING', [GOING_ON]],
    ['?words=register%20old', [OLD]],
    ['?words=nothing-like-it', []],
  ])('filtered by %s', async (query, wanted) => {
    const { body } = await get(`/${query}`);
    const names = [OLD, NEW, GOING_ON, CAMPAIGN].filter(
      (name) => body.includes(`>${name}<`) || body.includes(`scope="row">${name}`),
    );
    expect(names).toEqual(wanted);
  });

  test('a value of a run, or of the address, is text', async () => {
    for (const path of ['/', `/?words=${encodeURIComponent(EVIL)}`, `/compare?run=${OLD}&run=${NEW}`]) {
      const { body } = await get(path);
      expect(body.match(/<script>/g), path).toHaveLength(1);
      expect(body).not.toContain(EVIL);
    }
    expect((await get('/')).body).toContain('&lt;script&gt;alert(1)');
  });
});

describe('two runs', () => {
  test('side by side, with what differs marked', async () => {
    const { status, body } = await get(`/compare?run=${OLD}&run=${NEW}`);
    expect(status).toBe(200);
    const rows = body.replace(/>\s+</g, '><');
    expect(rows).toMatch(/<tr class="differs"><th scope="row">Verdict/);
    expect(rows).toMatch(/<tr><th scope="row">Nodes<\/th><td>5<\/td><td>5<\/td>/);
  });

  test.each([
    '',
    `?run=${OLD}`,
    `?run=${OLD}&run=${GOING_ON}`,
    `?run=${OLD}&run=../secret`,
    `?run=${OLD}&run=${OLD}&run=${NEW}`,
  ])('not with %s', async (query) => {
    expect((await get(`/compare${query}`)).status).toBe(400);
  });
});

describe('files', () => {
  test('as what they are, in a sandbox', async () => {
    expect(await get(`/results/${OLD}/report.html`)).toMatchObject({
      status: 200,
      type: 'text/html; charset=utf-8',
      policy: expect.stringMatching(/^sandbox allow-scripts/) as string,
      body: '<p>old report</p>',
    });
    expect(await get(`/results/latest/history.jsonl`)).toMatchObject({
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: '{"index":0}\n',
    });
    expect(await get(`/results/${OLD}/empty.txt`)).toMatchObject({ status: 200, body: '' });
    expect(await get(`/results/${OLD}/history.jsonl`, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  test.runIf(existsSync('/proc/self/fd'))(
    'no file stays open: of an empty one, and where the reader hung up',
    async () => {
      write(`results/${OLD}/long.txt`, '');
      truncateSync(join(base, `results/${OLD}/long.txt`), 100_000_000);
      await get(`/results/${OLD}/empty.txt`);
      const response = await fetch(new URL(`/results/${OLD}/long.txt`, served.url));
      const reader = response.body!.getReader();
      expect((await reader.read()).value!.length).toBeGreaterThan(0);
      expect(openFiles()).toEqual(['long.txt']);
      await reader.cancel();
      await expect.poll(openFiles, { timeout: 5000 }).toEqual([]);
    },
  );

  test.each([
    '/results/../secret.txt',
    '/results/%2e%2e/secret.txt',
    '/results/..%2fsecret.txt',
    '/results/%2e%2e%2fsecret.txt',
    '/results/..%5csecret.txt',
    '/results//etc/passwd',
    '/results/../results-next/secret.txt',
    `/results/${OLD}/link.txt`,
    `/results/${OLD}/%00`,
    `/results/${OLD}`,
    '/results/',
    '/secret.txt',
    '/../../../../etc/passwd',
  ])('%s is nobody’s', async (path) => {
    const answer = await rawGet(path);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).not.toMatch(/secret\n|root:/);
  });

  test('not an address, not that name, not that method', async () => {
    expect(await rawGet('/%zz')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await rawGet('/', 'evil.example')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await rawGet('/', 'localhost:1')).toMatch(/^HTTP\/1\.1 200 /);
    expect((await get('/', { method: 'POST' })).status).toBe(405);
    expect((await get(`/results/${OLD}/report.html`, { method: 'DELETE' })).status).toBe(405);
  });
});

test('a port that is taken and a folder that is none are said', async () => {
  const { port } = new URL(served.url);
  await expect(serve({ root: base, port: Number(port), version: '' })).rejects.toThrow(/cannot listen \(EADDRINUSE\)/);
  await expect(serve({ root: join(base, 'nowhere'), port: 0, version: '' })).rejects.toThrow(/no folder/);
  await expect(serve({ root: join(base, 'secret.txt'), port: 0, version: '' })).rejects.toThrow(/no folder/);
});
