/** Runs the worker from its TypeScript source, for tests: a thread does not inherit the loader of the one that made it. */
import { register } from 'tsx/esm/api';

register();
await import('./notes-worker.ts');
