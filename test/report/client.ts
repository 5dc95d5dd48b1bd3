/** Before the unit tests: bundles the browser's script, so that they never look at yesterday's page. */
import { execaSync } from 'execa';

export function setup(): void {
  execaSync('npm', ['run', '--silent', 'client'], { cwd: new URL('../..', import.meta.url).pathname });
}
