/**
 * Plays a script of disk actions on real `FileDisk`s and dies by SIGKILL in the middle of a turn: `node --import tsx
 * test/programs/deferred-writer.ts SCRIPT.json SAID.jsonl`. What a disk says is durable stands in the second file, a line each.
 */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FileDisk } from '../../src/node/file-disk.ts';
import { Turn } from '../../src/node/turn.ts';
import { contentOf, type Action, type Said, type Script } from '../undo/deferred-writes.ts';

const [scriptPath = '', saidPath = ''] = process.argv.slice(2);
const script = JSON.parse(readFileSync(scriptPath, 'utf8')) as Script;
const said = openSync(saidPath, 'a');
let left = script.diesAfter;

function say(what: Said): void {
  writeSync(said, `${JSON.stringify(what)}\n`);
}

const turnOfEventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function play(actions: readonly Action[], number: number): Promise<void> {
  const asked: number[] = [];
  let durable = 0;
  const turn = new Turn();
  const disk = new FileDisk({
    folder: join(script.folder, String(number), 'data'),
    undoFolder: join(script.folder, String(number), 'undo'),
    atTurnEnd: (work) => turn.at('disk', work),
    onDurable: (token) => {
      durable = token;
      say({ disk: number, file: 'log', bytes: asked[token - 1]! });
    },
    onSyncFailed: (error) => {
      throw error;
    },
  });
  const sizes = { log: 0, piece: 0 };
  let published = 0;
  disk.create('log');
  disk.syncFolder();
  say({ disk: number, file: 'log', bytes: 0 });
  for (const action of actions) {
    if (left-- <= 0) process.kill(process.pid, 'SIGKILL');
    switch (action.kind) {
      case 'append':
        disk.append('log', contentOf(sizes.log, action.bytes));
        sizes.log += action.bytes;
        break;
      case 'sync':
        disk.sync('log', asked.push(sizes.log));
        break;
      case 'syncNow':
        disk.syncNow('log');
        say({ disk: number, file: 'log', bytes: sizes.log });
        break;
      case 'turn':
        await turnOfEventLoop();
        break;
      case 'settle':
        while (durable < asked.length) await turnOfEventLoop();
        break;
      case 'piece':
        if (sizes.piece === 0) disk.create('snapshot.tmp');
        disk.append('snapshot.tmp', contentOf(sizes.piece, action.bytes));
        disk.writeBack('snapshot.tmp');
        sizes.piece += action.bytes;
        break;
      case 'publish':
        if (sizes.piece === 0) break;
        disk.syncNow('snapshot.tmp');
        disk.rename('snapshot.tmp', `snapshot-${++published}`);
        disk.syncFolder();
        say({ disk: number, file: `snapshot-${published}`, bytes: sizes.piece });
        sizes.piece = 0;
        break;
    }
  }
}

await Promise.all(script.disks.map(play));
process.kill(process.pid, 'SIGKILL');
