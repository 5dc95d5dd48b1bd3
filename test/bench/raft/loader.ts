/** A loader process: `node --import tsx test/bench/raft/loader.ts '{"system": …}'` loads one leader and prints what it measured. */
import { setTimeout as sleepMs } from 'node:timers/promises';
import { connectEtcd } from './etcd-connection.ts';
import { type LoadOperation, writeHistory } from './load-history.ts';
import type { LoadClient, LoaderResult, LoaderTask } from './loader-task.ts';
import { connectStalemate } from './stalemate-connection.ts';

process.stdout.write(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '') as LoaderTask)));
process.exit(0);

async function load(task: LoaderTask): Promise<LoaderResult> {
  const connect = task.system === 'etcd' ? connectEtcd : connectStalemate;
  const count = Math.min(task.connections, task.clients);
  const connections = await Promise.all(Array.from({ length: count }, () => connect(task)));
  const clients = await Promise.all(
    Array.from({ length: task.clients }, (_none, i) => connections[i % count]!.client()),
  );
  const latenciesMs: number[] = [];
  const operations: LoadOperation[] = [];
  const run = { isMeasured: false, isOver: false, failures: 0, processes: 0, values: 0 };
  const loops = clients.map((client, i) => loop(client, i));
  await sleepMs(task.warmUpMs);
  const fromMs = performance.now();
  const fromCpu = process.cpuUsage();
  run.isMeasured = true;
  await sleepMs(task.measureMs);
  run.isMeasured = false;
  const seconds = (performance.now() - fromMs) / 1000;
  const { user, system } = process.cpuUsage(fromCpu);
  run.isOver = true;
  await Promise.all(loops);
  for (const connection of connections) connection.close();
  latenciesMs.sort((a, b) => a - b);
  const percentile = (percent: number): number => latenciesMs[Math.floor((latenciesMs.length * percent) / 100)] ?? NaN;
  const { history } = task;
  return {
    operations: latenciesMs.length,
    failures: run.failures,
    seconds,
    p50Ms: percentile(50),
    p99Ms: percentile(99),
    lines: history === null ? 0 : writeHistory(history.file, operations, history.firstIndex),
    processes: run.processes,
    values: run.values,
    cpuSeconds: (user + system) / 1e6,
  };

  async function loop(client: LoadClient, number: number): Promise<void> {
    let asProcess = newProcess();
    // A walk over the keys that is the same in every run.
    for (let key = (number * 7919) % task.keys; !run.isOver; key = (key + 104_729) % task.keys) {
      const sentMs = performance.now();
      const isDone = await operate(client, key, asProcess);
      if (!isDone) {
        run.failures++;
        // Nobody knows what became of it, so its process does nothing more.
        asProcess = newProcess();
      } else if (run.isMeasured) {
        latenciesMs.push(performance.now() - sentMs);
      }
    }
  }

  async function operate(client: LoadClient, key: number, asProcess: number): Promise<boolean> {
    const callNs = Number(process.hrtime.bigint());
    if (task.kind === 'put') {
      const value = (task.history?.firstValue ?? 0) + run.values++;
      const isDone = await client.put(key, value);
      keep({
        process: asProcess,
        f: 'write',
        key,
        value,
        callNs,
        returnNs: isDone ? Number(process.hrtime.bigint()) : null,
      });
      return isDone;
    }
    const value = await client.get(key);
    if (value === undefined) return false;
    keep({ process: asProcess, f: 'read', key, value, callNs, returnNs: Number(process.hrtime.bigint()) });
    return true;
  }

  function keep(operation: LoadOperation): void {
    if (task.history !== null) operations.push(operation);
  }

  function newProcess(): number {
    return (task.history?.firstProcess ?? 0) + run.processes++;
  }
}
