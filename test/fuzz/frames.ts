/**
 * Random and damaged frames at the ports of a real cluster, as peer, client and controller: whatever cannot be read ends its connection and
 * nothing else, memory stays bounded, and the cluster serves afterwards. `npm run fuzz:frames -- --frames 100000 --seed 1`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startProcessCluster } from '../../src/cluster/process-cluster.ts';
import { ALL_RULES } from '../../src/raft/rules.ts';
import { connectRaft } from '../../src/systems/raft/raft-client.ts';
import { assault, rssOf } from './assault.ts';

const { values } = parseArgs({
  options: { frames: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});

/** A node of this tree has some 100 MB before anybody calls. */
const RSS_MAX_MB = 300;

const folder = mkdtempSync(join(tmpdir(), 'stalemate-frames-'));
const cluster = await startProcessCluster({
  folder,
  nodes: 3,
  clusterId: 'fuzzed',
  electionTimeoutMs: [500, 1000],
  mutant: null,
  seed: values.seed,
  epochNs: process.hrtime.bigint(),
  connect: (place, options) => connectRaft(place, options, ALL_RULES),
});
try {
  const beganMs = performance.now();
  const before = Math.max(...rssOf(cluster));
  const { counts, sent, spared, closedByNode, maxRssMb, problems } = await assault(
    cluster,
    values.seed,
    Number(values.frames),
  );
  const wrong = [...problems];
  if (maxRssMb > RSS_MAX_MB) wrong.push(`a node took ${maxRssMb.toFixed(0)} MB`);
  for (const entry of cluster.nodes()) {
    const client = cluster.connect({
      name: `after ${entry}`,
      entry,
      pinned: false,
      reads: 'read-index',
      attemptTimeoutMs: 300,
      seed: 'after',
    });
    const written = await client.invoke({ f: 'write', key: 'x', value: entry }, 10_000);
    const read = await client.invoke({ f: 'read', key: 'x', value: null }, 10_000);
    if (written.kind !== 'ok' || read.kind !== 'ok' || read.output !== entry) wrong.push(`${entry} does not serve`);
  }
  for (const [kind, count] of Object.entries(counts).toSorted(([a], [b]) => a.localeCompare(b)))
    console.log(`${String(count).padStart(7)}  ${kind}`);
  console.log(
    `${sent} frames sent in ${((performance.now() - beganMs) / 1000).toFixed(0)} s, ${closedByNode} connections ended by the nodes, ` +
      `${spared} valid orders and lies not sent; memory ${before.toFixed(0)} MB before, ${maxRssMb.toFixed(0)} MB at most`,
  );
  console.log(wrong.length === 0 ? 'holds' : wrong.slice(0, 20).join('\n'));
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
