/** `stalemate serve`: results/ as pages on 127.0.0.1, until Ctrl-C. */
import { StalemateError } from '../base/errors.ts';
import { serve } from '../serve/index.ts';
import { defineCommand, screenFor, text, type Command, type Given } from './command.ts';
import { VERSION } from './version.ts';

const PORT = '7117';
const PORT_MOST = 65_535;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The serve command. */
export const serveCommand: Command = defineCommand({
  command: 'serve',
  describe: 'results/ as pages on 127.0.0.1: list, filter, open, compare two runs',
  flags: {
    out: { type: 'string', default: 'results', describe: 'the folder' },
    port: { type: 'string', default: PORT, describe: '0 for any that is free' },
    json: { type: 'boolean', describe: 'one document on standard output: the address' },
  },
  examples: [['$0 serve', 'what was run so far, in a browser']],
  perform,
});

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const word = text(given, 'port') ?? PORT;
  const port = /^\d+$/.test(word) ? Number(word) : Number.NaN;
  if (!(port <= PORT_MOST)) throw new StalemateError('usage', `--port ${word}: no port`, `0 to ${PORT_MOST}`);
  const stopped = new Promise<void>((resolve) => {
    for (const name of SIGNALS) process.once(name, () => resolve());
  });
  const served = await serve({ root: text(given, 'out') ?? 'results', port, version: VERSION });
  screen.say(`${served.url}  (Ctrl-C ends it)`);
  screen.document({ url: served.url });
  await stopped;
  await served.close();
  return 0;
}
