/** Writes and syncs for ever, with the time that it took behind each; it ends with 3 where a sync fails. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

const file = openSync('synced', 'a');
const once = () => {
  const beganMs = performance.now();
  writeSync(file, 'x');
  try {
    fsyncSync(file);
  } catch (error) {
    console.log(`sync failed: ${error.code}`);
    closeSync(file);
    process.exit(3);
  }
  console.log(`synced in ${Math.round(performance.now() - beganMs)} ms`);
  setTimeout(once, 20);
};
once();
