/** Tells a CI server in its own words, and only where it says that it listens. */
import { appendFileSync } from 'node:fs';
import type { Screen } from './command.ts';

/** What GitHub's runners take. */
export interface ServerWords {
  /** Markdown. */
  readonly summary: string;
  /** The file that has it as well. */
  readonly summaryPath: string;
  readonly annotations: readonly string[];
}

/** A summary that cannot be written changes no verdict: it is said, and the exit code stays. */
export function tellServer(screen: Screen, { summary, summaryPath, annotations }: ServerWords): void {
  const asked = process.env['GITHUB_STEP_SUMMARY'];
  if (asked !== undefined && asked !== '') {
    try {
      appendFileSync(asked, `${summary}\n`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      screen.say(
        `warning: GITHUB_STEP_SUMMARY ${asked}: cannot be written (${code ?? String(error)}); it is in ${summaryPath}`,
      );
    }
  }
  if (process.env['GITHUB_ACTIONS'] === 'true') for (const line of annotations) screen.say(line);
}
