/** Hosts of their own for nodes: they hear each other, a cut link is silent and no other, clients come in, and nothing is left. */
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startGuard, type Guard } from '../../src/cluster/guard.ts';
import { addressOf, canMakeHosts, Hosts } from '../../src/cluster/hosts.ts';
import { reservePorts, type PortReservation } from '../../src/cluster/ports.ts';
import { ProgramRun } from '../../src/cluster/program-run.ts';
import { poll } from '../../src/cluster/waiting.ts';

const NODES = ['n1', 'n2', 'n3'];
const CALLER = new URL('../programs/host-caller.mjs', import.meta.url).pathname;
const PEER_PORT = 5000;

const isRequired = (process.env['STALEMATE_REQUIRE'] ?? '').split(/[\s,]+/).includes('hosts');
if (isRequired && !canMakeHosts()) throw new Error('STALEMATE_REQUIRE names hosts, and none can be made');

describe.skipIf(!canMakeHosts())('hosts (where network namespaces and nftables can be had)', () => {
  let folder: string;
  let guard: Guard;
  let reservation: PortReservation;
  let hosts: Hosts;
  let runs: ProgramRun[];
  const clientPort = (node: string): number => reservation.ports[NODES.indexOf(node)]!;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stalemate-hosts-'));
    guard = startGuard();
    reservation = await reservePorts(NODES.length);
    const folderOf = (node: string): string => join(folder, node);
    for (const node of NODES) mkdirSync(folderOf(node));
    hosts = new Hosts({ nodes: NODES, folderOf, clientPortsOf: (node) => [clientPort(node)], guard });
    await hosts.start();
    runs = NODES.map((node) => {
      const args = [CALLER, String(clientPort(node)), String(PEER_PORT)];
      const launch = hosts.launchOn(node, { name: 'caller', file: process.execPath, args });
      const outputPath = join(folderOf(node), 'output.log');
      return new ProgramRun({ launch, cwd: folderOf(node), outputPath, guard, onCrash: () => {} });
    });
    for (const from of NODES) for (const to of NODES) if (from !== to) await untilHeard(from, to);
  });

  afterEach(async () => {
    await Promise.all(runs.map((run) => run.kill()));
    await hosts.stop();
    await guard.stop();
    reservation.release();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asks one node, from outside, whether it hears another one; empty where the node does not answer. */
  function calls(from: string, to: string): Promise<string> {
    return new Promise((resolve) => {
      let said = '';
      const socket = connect({ host: '127.0.0.1', port: clientPort(from) }, () =>
        socket.write(addressOf(NODES.indexOf(to))),
      );
      socket.on('data', (piece: Buffer) => (said += piece.toString()));
      socket.on('error', () => {});
      socket.once('close', () => resolve(said));
    });
  }

  async function untilHeard(from: string, to: string): Promise<void> {
    const heard = async (): Promise<true | undefined> => ((await calls(from, to)) === 'heard' ? true : undefined);
    expect(await poll(heard, { everyMs: 50, timeoutMs: 10_000 })).toBe(true);
  }

  test('a cut link is silent and no other, and whole again when every cut of it is healed', async () => {
    const both = [
      { from: 'n1', to: 'n2' },
      { from: 'n2', to: 'n1' },
    ];
    const cut = await hosts.cut(both);
    const again = await hosts.cut([both[0]!]);
    expect(cut).toMatchObject({ nodes: ['n1', 'n2'] });
    expect(await Promise.all([calls('n1', 'n2'), calls('n2', 'n1')])).toEqual(['silence', 'silence']);
    expect(await Promise.all([calls('n1', 'n3'), calls('n3', 'n2')])).toEqual(['heard', 'heard']);
    expect(await cut.heal()).toMatchObject({ effective: true });
    expect(await calls('n2', 'n1')).toBe('silence');
    expect(await again.heal()).toMatchObject({ effective: true });
    await untilHeard('n1', 'n2');
  });

  test('one way is one way: what the other one sends arrives, and is counted', async () => {
    const cut = await hosts.cut([{ from: 'n1', to: 'n2' }]);
    // The call arrives, its answer does not.
    expect(await calls('n2', 'n1')).toBe('silence');
    expect(await cut.heal()).toMatchObject({
      effective: true,
      evidence: expect.stringMatching(/^1 links silent, \d+ packets lost$/),
    });
  });

  test('a cut over which nobody wanted to send anything did nothing', async () => {
    const cut = await hosts.cut([{ from: 'n1', to: 'n3' }]);
    expect(await cut.heal()).toEqual({ effective: false, evidence: '1 links silent, 0 packets lost' });
  });

  test('nothing is left: neither processes nor files', async () => {
    await Promise.all(runs.map((run) => run.kill()));
    await hosts.stop();
    expect(processesIn(folder)).toEqual([]);
    expect(NODES.flatMap((node) => readdirSync(join(folder, node))).toSorted()).toEqual([
      'output.log',
      'output.log',
      'output.log',
    ]);
  });
});

/** Those whose present folder is below that one. */
function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readlinkSync(`/proc/${name}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}
