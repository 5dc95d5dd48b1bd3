/** Whose words a client asks in: registers with compare-and-set know all that plain ones know. */
import type { ClientOptions } from '../contract/cluster.ts';

/** `register`, `queue`, `set` or `lock`. */
export function vocabularyOf({ vocabulary = 'register' }: ClientOptions): string {
  return vocabulary === 'cas-register' ? 'register' : vocabulary;
}
