/** The package as others import it, by its own name and from what was built. */
import { execa } from 'execa';
import { expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

const HISTORY = [
  '{"index":0,"time":1,"process":0,"type":"invoke","f":"write","key":"x","value":1}',
  '{"index":1,"time":2,"process":0,"type":"ok","f":"write","key":"x","value":1}',
  '{"index":2,"time":3,"process":1,"type":"invoke","f":"read","key":"x","value":null}',
  '{"index":3,"time":4,"process":1,"type":"ok","f":"read","key":"x","value":null}',
];

test.each(['stalemate', 'stalemate/checker'])('%s can be imported and decides a history', async (name) => {
  const program = `
    import { check, readJsonl, register } from '${name}';
    const { kind, anomalies } = check(readJsonl(${JSON.stringify(`${HISTORY.join('\n')}\n`)}, 'history'), register);
    console.log(JSON.stringify([kind, anomalies.map((it) => it.class)]));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program], { cwd: ROOT });
  expect(JSON.parse(stdout)).toEqual(['violation', ['stale-read']]);
});
