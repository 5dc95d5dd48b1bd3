/** Faults of disks: slow, full, one bit of the log flipped, all of it lost. */
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pickAttestedBit } from '../base/bit-flip.ts';
import { StalemateError } from '../base/errors.ts';
import { keyed, type Random } from '../base/random.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import { injury } from '../faults/index.ts';
import type { Ward } from './ward.ts';
import type { NodeProcess } from './node-process.ts';

const HEALTHY = { syncDelayMs: 0, full: false };
/** How a node says that its disk is full, and that its log is damaged. */
const FULL = /ENOSPC/;
const DAMAGED = /(\S+ is damaged at byte \d+)/;
const EMPTY = /(the data folder of node \S+ is empty)/;
/** Puts a new node in the place of one that is lost for good; says in words what came of it. */
type ReplaceLost = (nodes: { readonly lost: string; readonly by: string }) => Promise<string>;

/** Every fsync takes longer. */
export async function slowDisk(
  ward: Ward,
  { node: id, syncDelayMs }: Extract<FaultAction, { kind: 'slowDisk' }>,
): Promise<Injury> {
  const node = runningNode(ward, id);
  const { lives } = node;
  const before = await delayedSyncs(node);
  await ask(node, node.setDisk({ syncDelayMs, full: false }));
  return injury([id], `every fsync takes ${syncDelayMs} ms longer`, async () => {
    if (node.lives !== lives || node.state === 'down')
      return { effective: false, evidence: 'was started anew meanwhile' };
    const slow = (await delayedSyncs(node)) - before;
    await node.setDisk(HEALTHY);
    return { effective: slow > 0, evidence: `${slow} fsyncs took ${syncDelayMs} ms longer` };
  });
}

/** Not one byte fits any more. A node that has to write ends, says why, and starts again when there is room. */
export async function diskFull(ward: Ward, id: string): Promise<Injury> {
  const node = runningNode(ward, id);
  ward.hold(node);
  node.expectEnd(FULL);
  const full = await node.setDisk({ syncDelayMs: 0, full: true });
  return injury([id], full ? 'the disk is full' : 'the node ended before it was told', async () => {
    const ended = node.state === 'down' && FULL.test(node.output());
    const said = ended
      ? `the node ended: ${lastLine(node)}`
      : `the node ${node.state === 'down' ? 'was down' : 'never wrote'}`;
    node.expectEnd(null);
    if (node.state !== 'down') await node.setDisk(HEALTHY);
    return { effective: ended, evidence: `${said}; ${await ward.release(node)}` };
  });
}

/**
 * A bit of the log flips below the attested offset while the node is down. It must refuse to start, and stays down for good: what it
 * promised cannot be trusted to it any more. The cure is a new member under a new id.
 */
export async function bitFlip(
  ward: Ward,
  { node: id, seed, by }: Extract<FaultAction, { kind: 'bitFlip' }>,
  replaceLost: ReplaceLost,
): Promise<Injury> {
  const node = runningNode(ward, id);
  const status = await node.status();
  if (status === undefined) throw new StalemateError('failed', `${id} cannot be asked`);
  const harm = (): string =>
    `${flipBit(node.place.dataFolder, status.attestedThrough, keyed(seed, 'bit-flip', id))} flipped`;
  return loseForGood(ward, node, { harm, refusal: DAMAGED, replaceLost: () => replaceLost({ lost: id, by }) });
}

/** All that the node has written is gone, and with it what it promised. From there on as `bitFlip`. */
export async function wipe(
  ward: Ward,
  { node: id, by }: Extract<FaultAction, { kind: 'wipe' }>,
  replaceLost: ReplaceLost,
): Promise<Injury> {
  const node = runningNode(ward, id);
  const harm = (): string => `${emptyFolders(node)} files removed`;
  return loseForGood(ward, node, { harm, refusal: EMPTY, replaceLost: () => replaceLost({ lost: id, by }) });
}

/** Kills the node, does the harm, and starts it: it has to refuse. */
async function loseForGood(
  ward: Ward,
  node: NodeProcess,
  it: { readonly harm: () => string; readonly refusal: RegExp; readonly replaceLost: () => Promise<string> },
): Promise<Injury> {
  const { id } = node;
  // Never released: no node comes back from this under its old name.
  ward.hold(node);
  await node.kill();
  const done = it.harm();
  node.expectEnd(it.refusal);
  const refused = await node.start({ init: false, filter: ward.links.filterOf(id) }).then(
    () => false,
    () => it.refusal.test(node.output()),
  );
  const said = refused ? `refuses to start: ${it.refusal.exec(node.output())![1]}` : 'STARTED IN SPITE OF IT';
  return injury([id], `${done}; the node ${said}`, async () => {
    const effective = refused && node.isGone();
    if (!effective) return { effective, evidence: `${id} runs on lost data` };
    return { effective, evidence: `${said}; ${await it.replaceLost()}` };
  });
}

/** The data, and the undo journal that speaks of it. Says how many files it was. */
function emptyFolders({ place: { dataFolder, undoFolder } }: NodeProcess): number {
  const files = readdirSync(dataFolder).length;
  for (const folder of [dataFolder, undoFolder]) {
    rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(dataFolder);
  return files;
}

/** Which bit of which byte it was, in words. */
function flipBit(folder: string, attestedThrough: number, random: Random): string {
  const files = readdirSync(folder)
    .toSorted()
    .map((name) => ({ name, sizeBytes: statSync(join(folder, name)).size }));
  const place = pickAttestedBit(files, attestedThrough, random);
  if (place === undefined) throw new StalemateError('failed', `${folder} holds no attested byte`);
  const { name, offset, bit } = place;
  const fd = openSync(join(folder, name), 'r+');
  try {
    const byte = Buffer.alloc(1);
    readSync(fd, byte, 0, 1, offset);
    writeSync(fd, Buffer.of(byte[0]! ^ (1 << bit)), 0, 1, offset);
  } finally {
    closeSync(fd);
  }
  return `bit ${bit} of byte ${offset} of ${name}`;
}

function runningNode(ward: Ward, id: string): NodeProcess {
  const node = ward.node(id);
  if (node.state !== 'running') throw new StalemateError('failed', `${id} is already ${node.state}`);
  return node;
}

async function ask(node: NodeProcess, answer: Promise<boolean>): Promise<void> {
  if (!(await answer)) throw new StalemateError('failed', `${node.id} cannot be told`);
}

async function delayedSyncs(node: NodeProcess): Promise<number> {
  return (await node.status())?.delayedSyncs ?? 0;
}

function lastLine(node: NodeProcess): string {
  return node.output().split('\n').at(-1) ?? '';
}
