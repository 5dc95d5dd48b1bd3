/**
 * `import 'stalemate/vitest'` gives vitest's `expect` the matcher `toBeLinearizable`. What it says when it fails is the
 * explanation: the sentence, the shortest history that shows it, and where the whole one breaks.
 */
import { expect } from 'vitest';
import { judgeReceived, type Judgeable, type JudgeOptions } from './judge.ts';
import { vacuousMessage, verdictMessage } from './message.ts';
import type { Call, Json, Model } from '../../checker/index.ts';

expect.extend({
  toBeLinearizable(received: unknown, model?: Model<unknown, Call, Json> | string, options?: JudgeOptions) {
    const judged = judgeReceived(received, model, options);
    const isVacuous = judged.answered === 0;
    // A matcher cannot say "neither": what is not decided has to fail with and without `not`.
    const isUndecided = isVacuous || judged.verdict.kind === 'unknown';
    return {
      pass: isUndecided ? this.isNot : judged.verdict.kind === 'ok',
      message: () => (isVacuous ? vacuousMessage(judged) : verdictMessage(judged)),
    };
  },
});

declare module 'vitest' {
  // The name and its parameter are vitest's.
  interface Matchers<T> {
    /**
     * Passes where the history has an order of its operations, each between its call and its return, that the model accepts.
     * Fails, with `not` too, where that could not be decided within the budget, and where no operation was answered, because
     * a test that asked nothing shows nothing.
     * @param model a model or the name of one; without it, the smallest that knows every operation of the history
     * @throws HistoryError for a text that is no history · ModelError for an operation that is not the model's
     */
    toBeLinearizable<S = unknown>(model?: Model<S, Call, Json> | string, options?: JudgeOptions): void;
  }
}

export type { Judgeable, JudgeOptions };
