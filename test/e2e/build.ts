/** Before the tests on real processes: build what ships, so that they never try yesterday's program. */
import { execaSync } from 'execa';

export function setup(): void {
  execaSync('npm', ['run', '--silent', 'build'], { cwd: new URL('../..', import.meta.url).pathname });
}
