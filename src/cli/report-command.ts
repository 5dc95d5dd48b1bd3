/** `stalemate report`: judges a run's files again and draws its page anew. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import { summary } from '../report/index.ts';
import { runFolder } from '../store/index.ts';
import { defineCommand, screenFor, text, type Command, type Given } from './command.ts';
import { fileOf, judge } from './judge.ts';

/** The report command. */
export const reportCommand: Command = defineCommand({
  command: 'report [run]',
  describe: "render a run's files again: its folder, its name under results/, or latest",
  positional: { name: 'run', describe: 'a folder or a name (default: latest)', array: false },
  flags: {
    out: { type: 'string', default: 'results', describe: 'where a name is looked up' },
    json: { type: 'boolean', describe: 'result.json on standard output, words on standard error' },
  },
  examples: [['$0 report', 'the last run, judged and drawn again']],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const name = text(given, 'run') ?? 'latest';
  const path = [name, join(text(given, 'out') ?? 'results', name)].find((it) => existsSync(join(it, 'run.json')));
  if (path === undefined) throw new StalemateError('usage', `${name}: no such run`, 'stalemate list shows them');
  const folder = runFolder(path);
  const { result, plan, probes, undrawn, recorded } = judge(folder);
  screen.say(
    summary(result, { reportPath: folder.report, color: screen.color, clients: plan.clients, probes, recorded }),
  );
  if (undrawn !== null) screen.say(`  ${undrawn}`);
  screen.document(fileOf(result));
  return result.exit;
}
