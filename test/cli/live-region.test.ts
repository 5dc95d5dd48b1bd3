/** Lines that are drawn in place leave nothing behind, do not wrap, and are not drawn more often than an eye can follow. */
import { expect, test } from 'vitest';
import { LiveRegion } from '../../src/cli/live-region.ts';
import { Emulator } from './emulator.ts';

test('each drawing takes the place of the last one, be it longer or shorter', () => {
  const { terminal, region, pass } = setUp();
  for (const lines of [['a'], ['bb', 'cc', 'dd'], ['e']]) {
    region.draw(() => lines);
    expect(terminal.screen).toEqual(lines);
    pass(200);
  }
});

test('what is said stands above, and nothing of the drawing is left at the end', () => {
  const { terminal, region, pass } = setUp();
  const say = (line: string): void => {
    region.erase();
    terminal.write(`${line}\n`);
  };
  say('begin');
  for (let nth = 0; nth < 5; nth++) {
    region.draw(() => ['one', 'two']);
    pass(200);
    if (nth === 2) say('middle');
  }
  expect(terminal.screen).toEqual(['begin', 'middle', 'one', 'two']);
  say('end');
  region.erase();
  expect(terminal.screen).toEqual(['begin', 'middle', 'end']);
});

test('at most five drawings a second', () => {
  const { terminal, region, pass } = setUp();
  for (let nth = 0; nth < 1000; nth++) {
    region.draw(() => [String(nth)]);
    pass(1);
  }
  expect(terminal.written).toHaveLength(5);
});

test('a line that is too wide is cut, not wrapped; a seventh line is not drawn', () => {
  const { terminal, region } = setUp(20);
  region.draw(() => Array.from({ length: 9 }, (_, nth) => `${nth}${'█'.repeat(40)}`));
  expect(terminal.screen).toHaveLength(6);
  expect(terminal.screen.every((line) => line.length === 19 && line.endsWith('…'))).toBe(true);
});

test('a terminal that does not know its width has 80 columns', () => {
  const { terminal, region } = setUp(0);
  region.draw(() => ['x'.repeat(200)]);
  expect(terminal.written[0]).toHaveLength(80);
});

function setUp(columns = 80): {
  readonly terminal: Emulator;
  readonly region: LiveRegion;
  readonly pass: (ms: number) => void;
} {
  const terminal = new Emulator(columns);
  let nowMs = 0;
  const region = new LiveRegion(terminal, () => nowMs);
  return { terminal, region, pass: (ms) => (nowMs += ms) };
}
