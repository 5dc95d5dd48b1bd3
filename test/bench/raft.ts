/**
 * The bundled cluster beside etcd: `npm run bench:raft -- [--bin-dir FOLDER] [--clients 1,16,64,256] [--rounds 3] [--seconds 4]
 * [--kills 20] [--only stalemate] [--kinds put,get]`. Both run at the same time on the same machine and are loaded in turns, over as many TCP
 * connections, with values of 256 bytes, everything synced to disk. Prints rates, latencies, CPU per operation of loader and servers, and how
 * long writes are gone after the leader is killed, as medians of the rounds, with ratios; fsyncs for each put; and what a second loader process
 * changes for etcd, without which a ratio means nothing. The history of everything that the bundled cluster was asked is judged. Needs etcd (Debian: etcd-server) on PATH or in `--bin-dir`.
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa, execaSync } from 'execa';
import type { BenchCluster } from './raft/bench-cluster.ts';
import { startEtcd } from './raft/etcd-cluster.ts';
import { failoverMs } from './raft/failover.ts';
import type { LoaderResult, LoaderTask } from './raft/loader-task.ts';
import { startStalemate } from './raft/stalemate-cluster.ts';

const LOADER = new URL('raft/loader.ts', import.meta.url).pathname;
const CONNECTIONS = 8;
const PROGRAM = new URL('../../src/cli/stalemate.cjs', import.meta.url).pathname;
const KEYS = 10_000;
/** A second loader is tried with as many clients or more. */
const MANY_CLIENTS = 64;
const VALUE_BYTES = 256;
const WARM_UP_MS = 1500;
/** Of /proc/PID/stat: user and system time in ticks, and ticks a second (Linux). */
const STAT_UTIME = 13;
const STAT_STIME = 14;
const TICKS_PER_SECOND = 100;

const { values: flags } = parseArgs({
  options: {
    'bin-dir': { type: 'string' },
    clients: { type: 'string', default: '1,16,64,256' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    kills: { type: 'string', default: '20' },
    only: { type: 'string' },
    kinds: { type: 'string', default: 'put,get' },
  },
});

interface Round extends LoaderResult {
  readonly serverCpuSeconds: number;
  /** By the servers, for each operation, warm-up included. */
  readonly syncs: number;
}

/** What the loaders of the bundled cluster wrote down so far, one file each. */
const history = { files: [] as string[], index: 0, process: 0, value: 1 };

const program = flags['bin-dir'] === undefined ? 'etcd' : join(flags['bin-dir'], 'etcd');
if (flags.only !== 'stalemate' && execaSync(program, ['--version'], { reject: false }).failed) {
  console.error(
    `${program} does not run (install Debian's etcd-server, name its folder with --bin-dir, or say --only stalemate)`,
  );
  process.exit(254);
}
const folder = mkdtempSync(join(tmpdir(), 'stalemate-bench-raft-'));
const clusters: BenchCluster[] = [];
try {
  if (flags.only !== 'etcd') clusters.push(await startStalemate(folder));
  if (flags.only !== 'stalemate') {
    clusters.push(await startEtcd(program, folder));
  }
  console.log(
    `values of ${VALUE_BYTES} bytes, ${KEYS} keys, up to ${CONNECTIONS} connections, medians of ${flags.rounds} rounds of ${flags.seconds} s in turns\n`,
  );
  console.log(
    row(['', 'clients', 'system', 'ops/s', 'p50 ms', 'p99 ms', 'loader µs', 'servers µs', 'fsyncs', 'failed', 'ratio']),
  );
  const kinds = (['put', 'get'] as const).filter((kind) => flags.kinds.split(',').includes(kind));
  for (const kind of kinds) {
    for (const clients of flags.clients.split(',').map(Number)) await compare(kind, clients);
  }
  console.log('\nthe largest of the three processes, and the largest data folder');
  for (const cluster of clusters) console.log(`  ${cluster.system.padEnd(10)} ${sizes(cluster)}`);
  const etcd = clusters.find(({ system }) => system === 'etcd');
  if (etcd !== undefined) {
    console.log('\nwhat a second loader process changes for etcd');
    for (const kind of kinds) {
      const many = flags.clients
        .split(',')
        .map(Number)
        .filter((clients) => clients >= MANY_CLIENTS);
      for (const clients of many) await compareLoaders(etcd, kind, clients);
    }
  }
  await judgeHistory();
  if (Number(flags.kills) > 0) await compareFailover(Number(flags.kills));
} finally {
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function compare(kind: LoaderTask['kind'], clients: number): Promise<void> {
  const rounds = new Map<BenchCluster, Round[]>(clusters.map((cluster) => [cluster, []]));
  for (let i = 0; i < Number(flags.rounds); i++) {
    for (const [cluster, its] of rounds) its.push(await load(cluster, kind, { clients, connections: CONNECTIONS }));
  }
  const rates = new Map<string, number>();
  for (const [{ system }, its] of rounds) {
    const of = (pick: (round: Round) => number): number => median(its.map(pick));
    const rate = of(({ operations, seconds }) => operations / seconds);
    rates.set(system, rate);
    const perOperation = (pick: (round: Round) => number): string =>
      of((round) => (1e6 * pick(round)) / round.operations).toFixed(0);
    const ratio =
      system === 'stalemate' || !rates.has('stalemate') ? '' : `${(rates.get('stalemate')! / rate).toFixed(2)} ×`;
    console.log(
      row([
        kind,
        String(clients),
        system,
        rate.toFixed(0),
        of(({ p50Ms }) => p50Ms).toFixed(2),
        of(({ p99Ms }) => p99Ms).toFixed(2),
        perOperation(({ cpuSeconds }) => cpuSeconds),
        perOperation(({ serverCpuSeconds }) => serverCpuSeconds),
        kind === 'put' ? of(({ syncs }) => syncs).toFixed(2) : '',
        String(its.reduce((sum, { failures }) => sum + failures, 0)),
        ratio,
      ]),
    );
  }
}

/** Whether one loader process is what holds etcd up: with two of half the clients each it must not become much faster. */
async function compareLoaders(cluster: BenchCluster, kind: LoaderTask['kind'], clients: number): Promise<void> {
  const rates: [number[], number[]] = [[], []];
  for (let i = 0; i < Number(flags.rounds); i++) {
    for (const loaders of [1, 2] as const) {
      const share = { clients: clients / loaders, connections: CONNECTIONS / loaders };
      const rounds = await Promise.all(Array.from({ length: loaders }, () => load(cluster, kind, share)));
      rates[loaders - 1]!.push(rounds.reduce((sum, { operations, seconds }) => sum + operations / seconds, 0));
    }
  }
  const [one, two] = [median(rates[0]), median(rates[1])];
  console.log(
    `  ${kind} ${clients}: two loaders ${two.toFixed(0)} ops/s, one ${one.toFixed(0)}: ${(100 * (two / one - 1)).toFixed(0)} %`,
  );
}

/** The servers' CPU is that of the whole load, warm-up included, by its share of the time. */
async function load(
  cluster: BenchCluster,
  kind: LoaderTask['kind'],
  share: Pick<LoaderTask, 'clients' | 'connections'>,
): Promise<Round> {
  const leader = await cluster.leader();
  const task: LoaderTask = {
    system: cluster.system,
    leader,
    identity: cluster.identityOf(leader),
    kind,
    ...share,
    history: cluster.system === 'stalemate' ? nextHistory() : null,
    keys: KEYS,
    valueBytes: VALUE_BYTES,
    warmUpMs: WARM_UP_MS,
    measureMs: 1000 * Number(flags.seconds),
  };
  const before = cpuSecondsOf(cluster.pids());
  const syncsBefore = await cluster.syncs();
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', LOADER, JSON.stringify(task)]);
  const measured = task.measureMs / (task.measureMs + task.warmUpMs);
  const serverCpuSeconds = (cpuSecondsOf(cluster.pids()) - before) * measured;
  const result = JSON.parse(stdout) as LoaderResult;
  history.index += result.lines;
  history.process += result.processes;
  history.value += result.values;
  const syncs = (((await cluster.syncs()) - syncsBefore) * measured) / result.operations;
  return { ...result, serverCpuSeconds, syncs };
}

function nextHistory(): LoaderTask['history'] {
  const file = join(folder, `history-${history.files.length}.jsonl`);
  history.files.push(file);
  return { file, firstIndex: history.index, firstProcess: history.process, firstValue: history.value };
}

/** All that the bundled cluster was asked, as one history. */
async function judgeHistory(): Promise<void> {
  if (history.files.length === 0) return;
  const whole = join(folder, 'history.jsonl');
  for (const file of history.files) appendFileSync(whole, readFileSync(file));
  const { stdout, exitCode } = await execa(process.execPath, [PROGRAM, 'check', whole, '--model', 'register'], {
    reject: false,
  });
  console.log(`\nthe history of the bundled cluster\n  ${stdout.trim().split('\n').join('\n  ')}`);
  if (exitCode !== 0) process.exitCode = 1;
}

function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    // The name of the program stands in brackets before and may have spaces in it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/\(.*\)/, '()')
      .split(' ');
    return sum + (Number(fields[STAT_UTIME]) + Number(fields[STAT_STIME])) / TICKS_PER_SECOND;
  }, 0);
}

/** The largest that a process has been so far, and its disk use now. */
function sizes(cluster: BenchCluster): string {
  const peaksKiB = cluster
    .pids()
    .map((pid) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]));
  const mib = Math.max(...cluster.dataFolders.map(bytesIn)) / 1024 / 1024;
  return `${(Math.max(...peaksKiB) / 1024).toFixed(0)} MiB resident at its peak, ${mib.toFixed(0)} MiB on disk`;
}

function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  return files.reduce(
    (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

async function compareFailover(kills: number): Promise<void> {
  console.log(`\nms without a write after kill -9 of the leader, ${kills} times`);
  for (const cluster of clusters) {
    const gone = await failoverMs(cluster, kills);
    console.log(
      `  ${cluster.system.padEnd(10)} median ${median(gone).toFixed(0)}, worst ${Math.max(...gone).toFixed(0)}`,
    );
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 || i === 2 ? cell.padEnd(10) : cell.padStart(10))).join(' ');
}
