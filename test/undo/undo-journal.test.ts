/** Undo journal and outage on real files: what was synced survives, what was not is lost piece by piece, over any number of lives. */
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyed, type Random } from '../../src/base/random.ts';
import { countUnsynced, losePower, type PowerLoss } from '../../src/cluster/power-loss.ts';
import { FileDisk } from '../../src/node/file-disk.ts';
import { UndoJournal } from '../../src/node/undo-journal.ts';
import { loadUndoState } from '../../src/undo/undo-folder.ts';

let root: string;
let folders = 0;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stalemate-undo-'));
});

afterEach(() => rmSync(root, { recursive: true }));

/** A data folder with its journal, over several lives of the process that writes there. */
class Machine {
  readonly place = { dataFolder: join(root, `${folders}`, 'data'), undoFolder: join(root, `${folders++}`, 'undo') };
  disk: FileDisk = this.#start();
  durable = 0;
  #token = 0;

  /** `kill -9` after the end of a turn, and the next life. */
  kill(): void {
    this.#endTurn();
    this.disk = this.#start();
  }

  losePower(...seed: readonly (string | number)[]): PowerLoss {
    return this.losePowerDrawn(() => keyed('outage', ...seed));
  }

  losePowerDrawn(random: (nth: number) => Random): PowerLoss {
    this.#endTurn();
    const loss = losePower(this.place, random);
    this.disk = this.#start();
    return loss;
  }

  async sync(name: string): Promise<void> {
    const token = ++this.#token;
    this.disk.sync(name, token);
    while (this.durable < token) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The contents without zeros: files are longer than what was written, and lost sectors are empty. */
  text(name: string): string | undefined {
    const bytes = this.disk.read(name);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1').replaceAll('\0', '');
  }

  /** Reading sees everything appended, so by then the system has it. */
  #endTurn(): void {
    for (const name of this.disk.list()) this.disk.read(name);
  }

  #start(): FileDisk {
    const { dataFolder: folder, undoFolder } = this.place;
    return new FileDisk({
      folder,
      undoFolder,
      atTurnEnd: setImmediate,
      onDurable: (token) => (this.durable = token),
      onSyncFailed: (error) => {
        throw error;
      },
    });
  }
}

const sector = (letter: string): Buffer => Buffer.alloc(512, letter);

/** What is left in each of many outages after the same preparation. */
async function outages<T>(prepare: (it: Machine) => Promise<void>, look: (it: Machine) => T, count = 60): Promise<T[]> {
  const seen: T[] = [];
  for (let seed = 0; seed < count; seed++) {
    const it = new Machine();
    await prepare(it);
    it.losePower(seed);
    seen.push(look(it));
  }
  return seen;
}

describe('a power loss', () => {
  test('takes each unsynced sector or leaves it, and no synced byte', async () => {
    const left = await outages(
      async (it) => {
        it.disk.create('log');
        it.disk.syncFolder();
        it.disk.append('log', Buffer.concat([sector('a'), Buffer.alloc(100, 'b')]));
        await it.sync('log');
        it.disk.append('log', Buffer.concat([Buffer.alloc(412, 'c'), sector('d'), sector('e')]));
      },
      (it) => it.text('log')!,
    );
    for (const text of left) expect(text.slice(0, 612)).toBe('a'.repeat(512) + 'b'.repeat(100));
    const fates = new Set(left.map((text) => ['c', 'd', 'e'].filter((letter) => text.includes(letter)).join('')));
    expect([...fates].toSorted()).toEqual(['', 'c', 'cd', 'cde', 'ce', 'd', 'de', 'e']);
  });

  test('takes nothing from a folder in which everything was synced', async () => {
    const it = new Machine();
    it.disk.create('log');
    it.disk.syncFolder();
    it.disk.append('log', sector('a'));
    await it.sync('log');
    expect(it.losePower('any')).toEqual({ unsyncedSectors: 0, lostSectors: 0, unsyncedChanges: 0, lostChanges: 0 });
    expect(it.text('log')).toBe('a'.repeat(512));
  });

  test('is drawn again where it would take nothing of what it could, if it may be', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const it = new Machine();
      it.disk.create('log');
      it.disk.syncFolder();
      it.disk.append('log', sector('a'));
      const loss = it.losePowerDrawn((nth) => keyed('outage', seed, nth));
      expect(loss).toEqual({ unsyncedSectors: 1, lostSectors: 1, unsyncedChanges: 0, lostChanges: 0 });
      expect(it.text('log')).toBe('');
    }
  });

  test('finds something to take exactly while something that was written is not synced', async () => {
    const it = new Machine();
    expect(countUnsynced(it.place)).toBe(0);
    it.disk.create('log');
    it.disk.append('log', sector('a'));
    expect(it.text('log')).toBe('a'.repeat(512));
    expect(countUnsynced(it.place)).toBe(1);
    await it.sync('log');
    expect(countUnsynced(it.place)).toBe(0);
  });

  test('takes nothing that was written back, once that has ended, though nobody was told', async () => {
    const it = new Machine();
    it.disk.create('log');
    it.disk.syncFolder();
    it.disk.append('log', sector('a'));
    it.disk.writeBack('log');
    const isDurable = (): boolean =>
      [...loadUndoState(it.place)!.files.values()].some((file) => file.durableBytes === 512);
    while (!isDurable()) await new Promise((resolve) => setImmediate(resolve));
    expect(it.durable).toBe(0);
    expect(it.losePower('any').unsyncedSectors).toBe(0);
    expect(it.text('log')).toBe('a'.repeat(512));
  });

  test('may undo a creation whose folder was not synced, though the file was', async () => {
    const left = await outages(
      async (it) => {
        it.disk.create('log');
        it.disk.append('log', sector('a'));
        await it.sync('log');
      },
      (it) => it.text('log'),
    );
    expect(new Set(left)).toEqual(new Set([undefined, 'a'.repeat(512)]));
  });

  test('may bring back what a rename replaced, or what was removed, whole', async () => {
    const left = await outages(
      async (it) => {
        for (const [name, letter] of [
          ['log', 'o'],
          ['old', 'r'],
          ['log.tmp', 'n'],
        ] as const) {
          it.disk.create(name);
          it.disk.append(name, sector(letter));
          it.disk.syncNow(name);
        }
        it.disk.syncFolder();
        it.disk.rename('log.tmp', 'log');
        it.disk.remove('old');
      },
      (it) => ['log', 'log.tmp', 'old'].map((name) => it.text(name)?.[0] ?? '-').join(''),
    );
    expect([...new Set(left)].toSorted()).toEqual(['n--', 'n-r', 'on-', 'onr']);
  });

  test('a file that is made anew under an old name is another one: the old one may come back', async () => {
    const left = await outages(
      async (it) => {
        it.disk.create('log');
        it.disk.append('log', sector('o'));
        it.disk.syncNow('log');
        it.disk.syncFolder();
        it.disk.create('log');
        it.disk.append('log', sector('n'));
        it.disk.syncNow('log');
      },
      (it) => it.text('log')?.[0],
    );
    expect(new Set(left)).toEqual(new Set(['o', 'n', undefined]));
  });

  test('reaches what an earlier life left unsynced, however often the process was killed since', async () => {
    const left = await outages(
      async (it) => {
        it.disk.create('log');
        it.disk.syncFolder();
        it.disk.append('log', sector('a'));
        it.kill();
        it.kill();
        expect(it.text('log')).toBe('a'.repeat(512));
      },
      (it) => it.text('log'),
    );
    expect(new Set(left)).toEqual(new Set(['', 'a'.repeat(512)]));
  });

  test('a second one takes nothing more', async () => {
    const it = new Machine();
    it.disk.create('log');
    it.disk.syncFolder();
    it.disk.append('log', Buffer.concat(['a', 'b', 'c', 'd'].map(sector)));
    it.losePower('first');
    const before = it.text('log');
    expect(it.losePower('second')).toMatchObject({ unsyncedSectors: 0, lostChanges: 0 });
    expect(it.text('log')).toBe(before);
  });

  test('the same seed takes the same, another one something else', async () => {
    const texts = [];
    for (const seed of ['x', 'x', 'y']) {
      const it = new Machine();
      it.disk.create('log');
      it.disk.syncFolder();
      it.disk.append('log', Buffer.concat(Array.from({ length: 40 }, () => sector('a'))));
      it.losePower(seed);
      texts.push(it.text('log'));
    }
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).not.toBe(texts[0]);
  });
});

test('what was promised durable survives any outage, after any sequence of operations and kills', async () => {
  let lossesSeen = 0;
  for (let seed = 0; seed < 60; seed++) {
    const random = keyed('operations', seed);
    const it = new Machine();
    const promises = await play(it, random, 40);
    const { lostSectors, lostChanges } = it.losePower(seed);
    lossesSeen += lostSectors + lostChanges;
    for (const [name, allowed] of promises) {
      const text = it.text(name);
      const fits = allowed.some((one) => (one === null ? text === undefined : text?.startsWith(one) === true));
      expect(fits, `seed ${seed}: ${name} is ${text?.length ?? 'gone'}`).toBe(true);
    }
  }
  expect(lossesSeen).toBeGreaterThan(100);
});

/**
 * Random operations on three names. Answers, for each name, the beginnings that it may have after a power loss: the durable
 * part of the file that was there when the folder was last synced, and of every file that had the name since; null for none.
 */
async function play(it: Machine, random: Random, operations: number): Promise<Map<string, (string | null)[]>> {
  interface File {
    text: string;
    durable: string;
  }
  const names = ['a', 'b', 'c'];
  const folder = new Map<string, File>();
  const had = new Map<string, (File | undefined)[]>(names.map((name) => [name, [undefined]]));
  const set = (name: string, file: File | undefined): void => {
    if (file === undefined) folder.delete(name);
    else folder.set(name, file);
    had.get(name)!.push(file);
  };
  for (let nth = 0; nth < operations; nth++) {
    const name = random.pick(names);
    const file = folder.get(name);
    if (file === undefined) {
      it.disk.create(name);
      set(name, { text: '', durable: '' });
      continue;
    }
    switch (random.int(9)) {
      case 0:
        it.disk.remove(name);
        set(name, undefined);
        break;
      case 1: {
        const to = random.pick(names.filter((other) => other !== name));
        it.disk.rename(name, to);
        set(to, file);
        set(name, undefined);
        break;
      }
      case 2:
        it.disk.syncFolder();
        for (const each of names) had.set(each, [folder.get(each)]);
        break;
      case 3:
        await it.sync(name);
        file.durable = file.text;
        break;
      case 4:
        it.disk.syncNow(name);
        file.durable = file.text;
        break;
      case 5:
        it.kill();
        break;
      default: {
        const text = String.fromCharCode(97 + random.int(26)).repeat(random.between(1, 1500));
        it.disk.append(name, Buffer.from(text));
        file.text += text;
      }
    }
  }
  return new Map([...had].map(([name, files]) => [name, files.map((file) => file?.durable ?? null)]));
}

test('the journal does not grow without end, and says the same after it began anew', async () => {
  const it = new Machine();
  const path = join(it.place.undoFolder, 'journal.jsonl');
  const journal = new UndoJournal(it.place);
  journal.create('log');
  const file = journal.tracked('log');
  let longest = 0;
  for (let bytes = 1; bytes <= 40_000; bytes++) {
    journal.synced(file, journal.covered(file, bytes));
    if (bytes % 100 === 0) longest = Math.max(longest, statSync(path).size);
  }
  expect(longest).toBeGreaterThan(1_000_000);
  expect(longest).toBeLessThan(1_200_000);
  expect(loadUndoState(it.place)!.files.get(file.id)).toEqual({ durableBytes: 40_000, sizes: [0] });
  expect(loadUndoState(it.place)!.folder().get('log')).toBe(file.id);
});

test('a file that the journal does not know is refused: somebody else put it there', () => {
  const it = new Machine();
  it.disk.create('log');
  const stranger = new FileDisk({
    folder: it.place.dataFolder,
    atTurnEnd: setImmediate,
    onDurable: () => {},
    onSyncFailed: () => {},
  });
  stranger.create('stranger');
  expect(() => it.kill()).toThrow('stranger is not known to the undo journal');
});

test('a journal whose last line is torn is read up to there', () => {
  const it = new Machine();
  it.disk.create('log');
  appendFileSync(join(it.place.undoFolder, 'journal.jsonl'), '{"kind":"chan');
  it.kill();
  expect(it.disk.list()).toEqual(['log']);
});
