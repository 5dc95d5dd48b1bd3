/**
 * For a thread that plays many plans. The closures of a play die with it, and with the last of them the code that V8 has optimized: a small
 * one that is optimized as soon as it was called a few times costs more than it saves, a tenth of all processor time. Measured on Node 20
 * (`npm run bench:sim`); a V8 that does not know the flag says so on standard error, and goes on.
 */
import { setFlagsFromString } from 'node:v8';

/** Of the whole process, from now on. */
export function expectManyPlays(): void {
  setFlagsFromString('--max-bytecode-size-for-early-opt=0');
}
