/** When a stale leader could have been seen, condition by condition. */
import { expect, test } from 'vitest';
import type { HistoryLine, NodeId } from '../../src/contract/index.ts';
import { StaleWindow } from '../../src/run/stale-window.ts';

type Seen = readonly [line: Partial<HistoryLine>, witnessOf?: NodeId];

const acknowledged = { type: 'ok', f: 'write', key: 'x', term: 4 } as const;
const asked = { type: 'invoke', f: 'read', key: 'x' } as const;

function observe(window: StaleWindow, [line, witnessOf]: Seen): void {
  window.observe({ index: 0, time: 0, process: 0, type: 'ok', f: 'read', value: null, ...line }, witnessOf ?? null);
}

/** Whether the window of n1, leader of term 3, has opened after these lines. */
function opens(...seen: readonly Seen[]): boolean {
  const window = new StaleWindow({ node: 'n1', term: 3 }, ({ f }) => f === 'read');
  for (const it of seen) observe(window, it);
  return window.opened.isRaised;
}

test('a write of a higher term was acknowledged, and then a witness asks the deposed leader for that key', () => {
  expect(opens([acknowledged], [asked, 'n1'])).toBe(true);
});

test('a compare-and-set that succeeded is as good as a write', () => {
  expect(opens([{ ...acknowledged, f: 'cas' }], [asked, 'n1'])).toBe(true);
});

test.each<[string, readonly Seen[]]>([
  ['the read came before the acknowledgement', [[asked, 'n1'], [acknowledged]]],
  ['the write was acknowledged by the deposed leader itself', [[{ ...acknowledged, term: 3 }], [asked, 'n1']]],
  ['nobody says in which term', [[{ type: 'ok', f: 'write', key: 'x' }], [asked, 'n1']]],
  ['the write was only asked for', [[{ ...acknowledged, type: 'invoke' }], [asked, 'n1']]],
  ['only a read was answered in the higher term', [[{ ...acknowledged, f: 'read' }], [asked, 'n1']]],
  ['the read is of another key', [[acknowledged], [{ ...asked, key: 'y' }, 'n1']]],
  ['the witness is that of another node', [[acknowledged], [asked, 'n2']]],
  ['who asks follows the new leader', [[acknowledged], [asked]]],
])('no window where %s', (_, seen) => {
  expect(opens(...seen)).toBe(false);
});

test('the next read is one that begins from then on', () => {
  const window = new StaleWindow({ node: 'n1', term: 3 }, ({ f }) => f === 'read');
  observe(window, [acknowledged]);
  observe(window, [asked, 'n1']);
  const next = window.nextRead();
  expect(next.isRaised).toBe(false);
  observe(window, [asked, 'n1']);
  expect(next.isRaised).toBe(true);
  expect(window.nextRead().isRaised).toBe(false);
});
