/**
 * The bundled cluster beside etcd: `npm run bench:raft -- [--bin-dir FOLDER] [--clients 1,16,64,256] [--rounds 3] [--seconds 4]
 * [--kills 20] [--only stalemate]`. Both run at the same time on the same machine and are loaded in turns, over as many TCP
 * connections, with values of 256 bytes, everything synced to disk. Prints rates, latencies, CPU per operation of loader and servers, and how
 * long writes are gone after the leader is killed, as medians of the rounds, with ratios. Needs etcd (Debian: etcd-server) on PATH or in `--bin-dir`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { BenchCluster } from './raft/bench-cluster.ts';
import { startEtcd } from './raft/etcd-cluster.ts';
import { failoverMs } from './raft/failover.ts';
import type { LoaderResult, LoaderTask } from './raft/loader-task.ts';
import { startStalemate } from './raft/stalemate-cluster.ts';

const LOADER = new URL('raft/loader.ts', import.meta.url).pathname;
const CONNECTIONS = 8;
const KEYS = 10_000;
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
  },
});

interface Round extends LoaderResult {
  readonly serverCpuSeconds: number;
}

const folder = mkdtempSync(join(tmpdir(), 'stalemate-bench-raft-'));
const clusters: BenchCluster[] = [];
try {
  if (flags.only !== 'etcd') clusters.push(await startStalemate(folder));
  if (flags.only !== 'stalemate') {
    const program = flags['bin-dir'] === undefined ? 'etcd' : join(flags['bin-dir'], 'etcd');
    clusters.push(await startEtcd(program, folder));
  }
  console.log(
    `values of ${VALUE_BYTES} bytes, ${KEYS} keys, up to ${CONNECTIONS} connections, medians of ${flags.rounds} rounds of ${flags.seconds} s in turns\n`,
  );
  console.log(
    row(['', 'clients', 'system', 'ops/s', 'p50 ms', 'p99 ms', 'loader µs', 'servers µs', 'failed', 'ratio']),
  );
  for (const kind of ['put', 'get'] as const) {
    for (const clients of flags.clients.split(',').map(Number)) await compare(kind, clients);
  }
  if (Number(flags.kills) > 0) await compareFailover(Number(flags.kills));
} finally {
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function compare(kind: LoaderTask['kind'], clients: number): Promise<void> {
  const rounds = new Map<BenchCluster, Round[]>(clusters.map((cluster) => [cluster, []]));
  for (let i = 0; i < Number(flags.rounds); i++) {
    for (const [cluster, its] of rounds) its.push(await load(cluster, kind, clients));
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
        String(its.reduce((sum, { failures }) => sum + failures, 0)),
        ratio,
      ]),
    );
  }
}

/** The servers' CPU is that of the whole load, warm-up included, by its share of the time. */
async function load(cluster: BenchCluster, kind: LoaderTask['kind'], clients: number): Promise<Round> {
  const leader = await cluster.leader();
  const task: LoaderTask = {
    system: cluster.system,
    leader,
    identity: cluster.identityOf(leader),
    kind,
    clients,
    connections: CONNECTIONS,
    keys: KEYS,
    valueBytes: VALUE_BYTES,
    warmUpMs: WARM_UP_MS,
    measureMs: 1000 * Number(flags.seconds),
  };
  const before = cpuSecondsOf(cluster.pids());
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', LOADER, JSON.stringify(task)]);
  const share = task.measureMs / (task.measureMs + task.warmUpMs);
  const serverCpuSeconds = (cpuSecondsOf(cluster.pids()) - before) * share;
  return { ...(JSON.parse(stdout) as LoaderResult), serverCpuSeconds };
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
