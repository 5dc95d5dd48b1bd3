/** What the controller says to a node is what the node reads. */
import { expect, test } from 'vitest';
import { nodeFlags, type NodeSetup } from '../../src/cluster/node-flags.ts';
import { readOptions, type NodeOptions } from '../../src/node/options.ts';

function readAs(setup: Partial<NodeSetup>): NodeOptions {
  const usual = { clusterId: 'C', electionTimeoutMs: [150, 300], mutant: null, seed: 's', epochNs: 7n } as const;
  return readOptions([...nodeFlags('n1', '/run/nodes/n1', { ...usual, ...setup }), '--members=n1=127.0.0.1:19999']);
}

test('a node is set up as usual where nothing is said', () => {
  expect(readAs({})).toMatchObject({
    id: 'n1',
    electionTimeoutMs: [150, 300],
    heartbeatMs: 30,
    preVote: true,
    checkQuorum: true,
    maxEntriesPerMessage: 1024,
    maxInFlight: 2,
    mutant: null,
    undoFolder: '/run/nodes/n1/undo',
    snapshotEntries: null,
    epochNs: 7n,
  });
});

test('a node is set up as the plan has it', () => {
  const settings = { heartbeatMs: 20, preVote: false, checkQuorum: false, maxEntriesPerMessage: 1, maxInFlight: 3 };
  expect(readAs({ settings, mutant: 'M20', undoJournals: false, snapshotEntries: 5 })).toMatchObject({
    ...settings,
    mutant: 'M20',
    undoFolder: null,
    snapshotEntries: 5,
  });
});
