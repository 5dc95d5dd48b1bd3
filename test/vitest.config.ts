/**
 * `unit`: pure code, the oracle and the simulator. `browser`: pages in a real browser. `e2e`: real processes. `foreign`: real systems.
 * The last three mostly wait, for elections, faults and frames: two files at a time, after the unit tests, which use every core.
 * A flaky test is a bug: no retries.
 */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;

const TWO_AT_A_TIME = { maxWorkers: 2, sequence: { groupOrder: 1 } } as const;

const config: ViteUserConfig = defineConfig({
  root,
  test: {
    projects: [
      {
        root,
        test: {
          name: 'unit',
          globalSetup: ['test/report/client.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/browser/**', 'test/systems/**', 'node_modules/**', 'dist/**', 'results/**'],
          testTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: 'browser',
          globalSetup: ['test/browser/make-pages.ts'],
          include: ['test/browser/**/*.test.ts'],
          ...TWO_AT_A_TIME,
          testTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: 'foreign',
          globalSetup: ['test/e2e/build.ts'],
          include: ['test/systems/**/*.test.ts'],
          ...TWO_AT_A_TIME,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          globalSetup: ['test/e2e/build.ts'],
          include: ['test/e2e/**/*.test.ts'],
          ...TWO_AT_A_TIME,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

export default config;
