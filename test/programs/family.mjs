/**
 * A program that begins another one in a session of its own, as PostgreSQL does, tells its number, and goes on for ever. The child ends when it hears
 * SIGTERM; who began it hears of that when it runs.
 */
import { spawn } from 'node:child_process';

if (process.argv[2] !== 'child') {
  const child = spawn(process.execPath, [process.argv[1], 'child'], { detached: true, stdio: 'ignore' });
  console.log(`child ${child.pid}`);
}
setInterval(() => {}, 1000);
