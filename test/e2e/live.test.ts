/** The terminal while something runs, in a real pseudo-terminal: lines in place there, and no escapes for anybody else. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { Emulator } from '../cli/emulator.ts';
import { CALM, commandLine, stalemate } from './program.ts';

const SCRIPT = '/usr/bin/script';
const RUN = ['run', '--nodes', '3', '--clients', '4', '--time', '4s', '--faults', 'pause', '--seed', 'live', ...CALM];

test.skipIf(!existsSync(SCRIPT))(
  'a run shows progress, latencies, roles and faults in place, and takes them away',
  async () => {
    const { output, seconds } = await inTerminal([...RUN, '--out', folder()]);
    const frames = output.split('\u001b[J').filter((frame) => frame.includes('░') || frame.includes('█'));
    expect(frames.length).toBeGreaterThan(5);
    expect(frames.length).toBeLessThanOrEqual(5 * seconds + 1);
    const [lines] = frames.slice(-2).map((frame) => frame.split('\r\n').filter((line) => line.startsWith('  ')));
    expect(lines!.length).toBeLessThanOrEqual(6);
    expect(lines!.join('\n')).toMatch(
      /\/ 4 s\n {2}ops +[\d,]+ ok \([\d,]+\/s\) {3}\d+ failed {3}\d+ unknown\n {2}latency +p50 [\d.]+ ms {3}p99 [\d.]+ ms\n {2}nodes +leader n\d \(term \d+\).*\n {2}fault/,
    );
    expect(frames.some((frame) => /fault {4}Pause: n\d/.test(frame))).toBe(true);
    const terminal = new Emulator();
    terminal.write(output);
    expect(terminal.screen.join('\n')).not.toMatch(/[█░]|latency/);
    expect(terminal.screen.join('\n')).toMatch(/^3 nodes, 4 clients[^✓█]*\n✓ Linearizable/);
  },
);

test.skipIf(!existsSync(SCRIPT))('many schedules are counted in place', async () => {
  const { output } = await inTerminal(['sim', '--runs', '60', '--seed', 'live', '--out', folder()]);
  expect(output).toMatch(/[█░]{32} \d+ of 60\r\n {2}\d+ schedules? \(/);
  const terminal = new Emulator();
  terminal.write(output);
  expect(terminal.screen.join('\n')).toMatch(/^60 schedules, seed live\n60 schedules \(.*\n✓ no violation/);
});

test.skipIf(!existsSync(SCRIPT))(
  'a campaign says how far it is and what is under way, and leaves only its end',
  async () => {
    const out = folder();
    const file = join(out, 'small.json');
    writeFileSync(file, JSON.stringify({ name: 'small', world: 'simulator', nodes: 3, time: '1s', seeds: 3 }));
    const { output } = await inTerminal(['campaign', file, '--out', join(out, 'results'), '--jobs', '2']);
    // Before the first run has ended, too.
    expect(output).toMatch(/[█░]{32} 0 of 3\r\n {2}0 of 3 runs: .*\r\n {2}now {6}raft-read-index-none-1\r\n/);
    const terminal = new Emulator();
    terminal.write(output);
    expect(terminal.screen.join('\n')).toMatch(/^3 runs: .*\n[✓✕?] .*\n(.*\n)+ {2}Report/);
    expect(terminal.screen.join('')).not.toMatch(/[█░]/);
  },
);

test.skipIf(!existsSync(SCRIPT))('mutants are counted in place, below the rows that stay', async () => {
  const { output } = await inTerminal(['mutants', 'M30', 'M31', '--schedules', '20', '--no-shrink', '--seed', 'live']);
  for (const [done, now] of ['the correct node', 'M30', 'M31'].entries())
    expect(output).toMatch(
      new RegExp(`[█░]{32} ${Math.max(0, done - 1)} of 2\r\n {2}mutants\r\n {2}now {6}${now}\r\n`),
    );
  const terminal = new Emulator();
  terminal.write(output);
  const screen = terminal.screen.join('\n');
  expect(screen).not.toMatch(/[█░]/);
  for (const id of ['M30', 'M31']) expect(screen).toMatch(new RegExp(`^${id} `, 'm'));
});

test.skipIf(!existsSync(SCRIPT))('notes are counted in place', async () => {
  const { output } = await inTerminal(['notes', '--quick', '--only', 'S08', '--out', folder()]);
  expect(output).toMatch(/[█░]{32} \d+ of \d+\r\n {2}S08 in the simulator, \d+ of \d+ runs\r\n/);
  const terminal = new Emulator();
  terminal.write(output);
  expect(terminal.screen.join('\n')).not.toMatch(/[█░]/);
});

test.skipIf(!existsSync(SCRIPT))('with CI or NO_COLOR a terminal gets plain lines', async () => {
  for (const name of ['CI', 'NO_COLOR']) {
    const { output } = await inTerminal(['sim', '--runs', '20', '--seed', 'live', '--out', folder()], { [name]: '1' });
    expect(output).not.toContain('\u001b');
    expect(output).toContain('no violation');
  }
});

test('without a terminal there are plain lines and no escapes', async () => {
  const { stdout, stderr } = await stalemate([...RUN, '--out', folder()]);
  expect(stdout + stderr).not.toContain('\u001b');
  expect(stdout).toMatch(/^3 nodes, 4 clients[^\n]*\n✓ Linearizable/);
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'stalemate-live-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Shown {
  readonly output: string;
  readonly seconds: number;
}

/** The program on a pseudo-terminal of its own. */
async function inTerminal(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Shown> {
  const { CI: _ci, NO_COLOR: _noColor, ...env } = process.env;
  const command = commandLine(...args)
    .map((word) => `'${word}'`)
    .join(' ');
  const beganMs = performance.now();
  const { stdout } = await execa(SCRIPT, ['-qec', command, '/dev/null'], {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: { ...env, TERM: 'xterm', ...more },
  });
  return { output: stdout, seconds: (performance.now() - beganMs) / 1000 };
}
