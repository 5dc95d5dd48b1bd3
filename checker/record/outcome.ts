/**
 * What a recorded call comes to. Doubt is `info`: a call that threw may have had its effect, or have it later. `fail` says that it
 * certainly had none and never will, and only the author of a test can know that.
 */

/** What `invoke` resolves with: the completion as it was recorded. */
export type Recorded<T> =
  | { readonly type: 'ok'; readonly value: T }
  /** Proven: it had no effect. `mismatch`: a compare-and-set that was answered no. */
  | { readonly type: 'fail'; readonly error: string; readonly cause: unknown }
  /** Unknown: it took effect, or will, or never does. `cause` is what was thrown. */
  | { readonly type: 'info'; readonly error: string; readonly cause: unknown };

/** What a throw means: unknown outcome; proven to have had no effect; a compare-and-set that was answered no. */
export type Meaning = 'info' | 'fail' | 'mismatch';

/** Thrown inside a recorded call to say that the operation was proven to have had no effect. */
export class NotApplied extends Error {
  override readonly name = 'NotApplied';
}

/**
 * Says of an error that it proves that the operation had no effect, now or later: the connection was refused before anything was
 * sent, or the system itself answered that it did nothing. A timeout proves nothing.
 *
 *     await client.write('x', 5, () => db.put('x', 5).catch((error) => { throw notApplied(error); }));
 */
export function notApplied(reason: unknown): NotApplied {
  return new NotApplied(wordsOf(reason), { cause: reason });
}

/** What was thrown, as the `error` of a line. */
export function wordsOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown === '' ? 'an empty string was thrown' : thrown;
  if (typeof thrown !== 'object' || thrown === null) return `${String(thrown)} was thrown`;
  const { message, name } = thrown as { readonly message?: unknown; readonly name?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return typeof name === 'string' && name !== '' ? name : 'an object without a message was thrown';
}
