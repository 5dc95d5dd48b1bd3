/**
 * A small language for stories about a few cores: a command a line, and under `----` all that came of it, message by message and
 * write by write (after the interaction tests of etcd's raft). `transcripts/README.md` lists the commands.
 */
import { assert } from '../../src/base/assert.ts';
import { MUTANTS, rulesOf } from '../../src/raft/rules.ts';
import type { NodeId, ReadMode } from '../../src/raft/types.ts';
import { type Envelope, Table, type TableOptions } from './harness.ts';
import { configurationWords, wordsOf } from './transcript-words.ts';

/** The same text with what really comes of every command. */
export function play(text: string): string {
  const stage = new Stage();
  const out: string[] = [];
  let skipping = false;
  let commands: string[] = [];
  for (const line of text.split('\n')) {
    if (skipping) {
      skipping = line !== '';
      if (skipping) continue;
    }
    out.push(line);
    if (line === '----') {
      assert(commands.length > 0, 'a line of dashes follows a command');
      out.push(...commands.flatMap((command) => stage.run(command)));
      commands = [];
      skipping = true;
    } else if (line !== '' && !line.startsWith('#')) commands.push(line);
  }
  assert(commands.length === 0, `nothing is expected of: ${commands.join('; ')}`);
  return out.join('\n');
}

/** What follows the command: words in order, and `name=value` by name. */
interface Arguments {
  readonly words: readonly string[];
  readonly named: ReadonlyMap<string, string>;
}

class Stage {
  #table: Table | null = null;
  #lines: string[] = [];
  /** Of each log, as far as it was written. */
  readonly #lastIndex = new Map<NodeId, number>();
  readonly #commands: Readonly<Record<string, (args: Arguments) => void>> = {
    nodes: (args) => this.#open(args),
    campaign: ({ words }) => this.#t.timeOut(node(words)),
    wake: ({ words }) => this.#t.wake(node(words)),
    pass: ({ words }) => this.#t.pass(number(words[0])),
    propose: ({ words }) => void this.#t.command(node(words), words[1]!),
    read: ({ words }) => void this.#t.read(node(words), (words[1] ?? 'read-index') as Exclude<ReadMode, 'log'>),
    change: (args) => this.#change(args),
    transfer: ({ words }) => void this.#t.transfer(node(words), words[1]!),
    deliver: ({ words }) => this.#taken(words).forEach((it) => this.#t.deliver(it)),
    repeat: ({ words }) => this.#copies(words).forEach((it) => this.#t.deliver(it)),
    drop: ({ words }) => this.#lines.push(`${this.#taken(words).length} lost`),
    stabilize: ({ words }) => this.#stabilize(words),
    cut: ({ words }) => words.forEach((id) => this.#t.cutOff.add(id)),
    heal: ({ words }) => words.forEach((id) => this.#t.cutOff.delete(id)),
    crash: ({ words }) => this.#t.crash(node(words), Number(words[1] ?? 0)),
    restart: ({ words }) => this.#restart(node(words)),
    disk: ({ words }) => setSlow(this.#t.slowDisks, words),
    machine: ({ words }) => setSlow(this.#t.slowMachines, words),
    fsync: ({ words }) => this.#t.fsync(node(words), Number(words[1] ?? Infinity)),
    apply: ({ words }) => this.#t.apply(node(words)),
    snapshot: ({ words, named }) => this.#t.snapshot(node(words), Number(named.get('keep') ?? 0)),
    saved: ({ words, named }) => this.#t.saved(node(words), Number(named.get('keep') ?? 0)),
    status: ({ words }) => this.#status(words),
  };

  /** `quietly` in front leaves out what comes of it, where a story only has to get to its beginning. */
  run(line: string): readonly string[] {
    const [first, ...rest] = line.split(' ');
    if (first === 'quietly') {
      this.run(rest.join(' '));
      return [];
    }
    const perform = this.#commands[first!];
    assert(perform !== undefined, `no command is called ${first}`);
    this.#lines = [];
    const pairs = rest.filter((word) => word.includes('=')).map((word) => word.split('=', 2) as [string, string]);
    perform({ words: rest.filter((word) => !word.includes('=')), named: new Map(pairs) });
    return this.#lines;
  }

  get #t(): Table {
    assert(this.#table !== null, 'a story begins with `nodes`');
    return this.#table;
  }

  #open({ words, named }: Arguments): void {
    const logs = [...named].filter(([name]) => /^[nS]\d+$|^[a-f]$|^leader$/.test(name));
    const nodes = logs.length > 0 ? logs.map(([name]) => name) : number(words[0]);
    const mutant = named.get('mutant') ?? null;
    const rules = rulesOf(mutant);
    assert(rules !== undefined, `${mutant} is none of ${Object.keys(MUTANTS).join(', ')}`);
    const voters = named.get('voters')?.split(',');
    const options: TableOptions = {
      nodes,
      rules,
      chunkBytes: Number(named.get('chunk') ?? 1024),
      core: {
        preVote: words.includes('pre-vote'),
        checkQuorum: words.includes('check-quorum'),
        maxEntriesPerMessage: Number(named.get('entries') ?? 100),
        maxInFlight: Number(named.get('in-flight') ?? 4),
      },
      ...(logs.length > 0 && {
        logs: Object.fromEntries(logs.map(([name, terms]) => [name, terms.split(',').map(Number)])),
      }),
      ...(named.has('term') && { term: Number(named.get('term')) }),
      ...(voters && { configuration: { voters, outgoing: [], learners: [], addresses: {} } }),
      trace: (id, event) => {
        const words = wordsOf(id, event, this.#lastIndex.get(id) ?? 0);
        if (event.kind === 'append') this.#lastIndex.set(id, event.entries.at(-1)!.index);
        if (words !== null) this.#lines.push(words);
      },
    };
    this.#table = new Table(options);
    this.#lines = [];
    for (const id of this.#table.ids) this.#lastIndex.set(id, this.#table.raft(id).lastIndex);
    this.#status([]);
  }

  #restart(id: NodeId): void {
    this.#t.restart(id);
    this.#lastIndex.set(id, this.#t.raft(id).lastIndex);
  }

  #change({ words, named }: Arguments): void {
    const list = (name: string): readonly string[] => named.get(name)?.split(',') ?? [];
    const [voters, learners] = [list('voters'), list('learners')];
    const addresses = Object.fromEntries(
      [...voters, ...learners].map((id) => [id, `127.0.0.1:${7000 + Number(id.slice(1))}`]),
    );
    this.#t.change(node(words), { voters, learners, addresses });
  }

  /** Messages from the first node to the second (to anybody, if there is no second), oldest first; a third word is how many. */
  #taken(words: readonly string[]): readonly Envelope[] {
    const wanted = new Set(this.#copies(words));
    return this.#t.take((it) => wanted.has(it));
  }

  #copies([from, to, count = 'all']: readonly string[]): readonly Envelope[] {
    const all = this.#t.messages.filter((it) => it.from === from && (to === undefined || it.to === to));
    return count === 'all' ? all : all.slice(0, number(count));
  }

  /** Messages among these nodes (all of them, if none is named), and what comes of them, until none is left. */
  #stabilize(ids: readonly NodeId[]): void {
    const isAmong = ({ from, to }: Envelope): boolean => ids.length === 0 || (ids.includes(from) && ids.includes(to));
    for (let n = 0; n < 10_000; n++) {
      const next = this.#t.messages.findIndex(isAmong);
      if (next === -1) return;
      this.#t.deliver(this.#t.messages.splice(next, 1)[0]!);
    }
    assert(false, 'the cores talk without end');
  }

  #status(words: readonly string[]): void {
    const table = this.#t;
    for (const id of words.length > 0 ? words : table.ids) {
      const { role, term, votedFor, leaderId, commitIndex, configuration } = table.raft(id);
      const log = table.log(id).map(({ index, term: entryTerm }) => `${index}@${entryTerm}`);
      this.#lines.push(
        table.isRunning(id)
          ? `${id} ${role} term ${term} vote ${votedFor ?? '-'} leader ${leaderId ?? '-'} commit ${commitIndex} log ${log.join(' ') || '-'} members ${configurationWords(configuration)}`
          : `${id} down`,
      );
    }
  }
}

function node([id]: readonly string[]): NodeId {
  assert(id !== undefined, 'a node is named');
  return id;
}

function number(word: string | undefined): number {
  assert(word !== undefined && /^\d+$/.test(word), `${word} is no number`);
  return Number(word);
}

function setSlow(slow: Set<NodeId>, [id, how]: readonly string[]): void {
  assert(id !== undefined && (how === 'slow' || how === 'fast'), 'a node, and slow or fast');
  if (how === 'slow') slow.add(id);
  else slow.delete(id);
}
