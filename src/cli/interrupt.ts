/**
 * Ctrl-C. The first one asks: the run stops its clients, heals its faults, checks what there is and exits 130. The second one
 * ends the program at once; the guard process then ends the nodes.
 *
 * Under `npm start` one key press arrives twice, from the terminal and again from npm, which passes it on to its child; so
 * a repetition within REPEAT_MS is the same one.
 */

const REPEAT_MS = 200;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What is listening for Ctrl-C. `dispose` stops listening; who was interrupted is on the way out, and still answers a second Ctrl-C with 130. */
export interface Interrupt {
  readonly signal: AbortSignal;
  readonly dispose: () => void;
}

/** Listens from now on. `say` gets one line when the first signal comes. */
export function listenForInterrupt(say: (line: string) => void): Interrupt {
  const controller = new AbortController();
  let firstMs: number | null = null;
  const onSignal = (): void => {
    const nowMs = performance.now();
    if (firstMs === null) {
      firstMs = nowMs;
      say('interrupted: healing faults and checking what was recorded; once more to end at once');
      controller.abort();
    } else if (nowMs - firstMs > REPEAT_MS) process.exit(130);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      if (controller.signal.aborted) return;
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
