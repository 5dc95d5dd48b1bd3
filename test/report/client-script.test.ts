/** The scripts that pages inline: small, in plain letters, and unable to end their element. */
import { expect, test } from 'vitest';
import { CLIENT_SCRIPT, PAGE_SCRIPT } from '../../src/report/client-script.ts';

test('together they take at most 40 KB, in letters that every encoding writes alike, and cannot end their element', () => {
  const scripts = PAGE_SCRIPT + CLIENT_SCRIPT;
  expect(scripts.length).toBeGreaterThan(1000);
  expect(scripts.length).toBeLessThanOrEqual(40_000);
  expect(scripts).toMatch(/^[\x20-\x7e\n]*$/);
  expect(scripts).not.toMatch(/<\/script|<!--/i);
});
