/** Waiting for what has to be asked for, because nobody tells: a process state, a port that answers. */
import { setTimeout as sleepMs } from 'node:timers/promises';

/** Asks every `everyMs` until `ask` answers something else than undefined; undefined after `timeoutMs`. */
export async function poll<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  { everyMs, timeoutMs }: { readonly everyMs: number; readonly timeoutMs: number },
): Promise<T | undefined> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() >= deadlineMs) return answer;
    await sleepMs(everyMs);
  }
}

/** What `promise` resolves to, or undefined after `timeoutMs`. */
export async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, sleepMs(timeoutMs, undefined, { signal: timer.signal, ref: false })]);
  } finally {
    timer.abort();
  }
}
