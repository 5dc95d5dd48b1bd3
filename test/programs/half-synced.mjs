// Writes a line and syncs it, then one that it does not sync, then a file that it never syncs; in the folder where it runs.
import { fsyncSync, openSync, writeFileSync, writeSync } from 'node:fs';

const file = openSync('lines', 'a');
writeSync(file, 'synced\n');
fsyncSync(file);
writeSync(file, 'unsynced\n');
writeFileSync('never', 'word\n');
console.log('written');
setInterval(() => {}, 1000);
