/** From what a test hands to the matcher to a verdict. */
import {
  check,
  DEFAULT_BUDGET,
  guessModel,
  modelNamed,
  modelNames,
  readHistory,
  type Budget,
  type Call,
  type History,
  type Json,
  type Model,
  type Verdict,
} from '../../checker/index.ts';

/** A history, what records one, or the text of a recorded one in any format that the checker reads. */
export type Judgeable = History | { history(): History } | string;

/** How the matcher decides. */
export interface JudgeOptions {
  /** Bounds for each part; what is left out is that of `check`. */
  readonly budget?: Partial<Budget>;
  /** Number of clients of a text, so that they are named as process mod clients. */
  readonly clients?: number;
}

/** A decided history. */
export interface Judged {
  readonly history: History;
  readonly model: Model<unknown, Call, Json>;
  readonly verdict: Verdict;
  /** How many operations were answered. */
  readonly answered: number;
}

/** @throws TypeError for something that is no history · HistoryError, ModelError as the checker does */
export function judgeReceived(
  received: unknown,
  named: Model<unknown, Call, Json> | string | undefined,
  { budget, clients }: JudgeOptions = {},
): Judged {
  const history = historyOf(received, clients);
  const model = modelOf(named, history);
  return {
    history,
    model,
    verdict: check(history, model, { ...DEFAULT_BUDGET, ...budget }),
    answered: history.operations.filter(({ outcome }) => outcome.kind === 'ok').length,
  };
}

function historyOf(received: unknown, clients: number | undefined): History {
  if (typeof received === 'string')
    return readHistory(received, 'the history', clients === undefined ? {} : { clients });
  if (isRecorder(received)) return received.history();
  if (isHistory(received)) return received;
  throw new TypeError('toBeLinearizable is about a history, a recorder, or the text of a recorded one');
}

function isRecorder(received: unknown): received is { history(): History } {
  return (
    typeof received === 'object' && received !== null && 'history' in received && typeof received.history === 'function'
  );
}

function isHistory(received: unknown): received is History {
  return (
    typeof received === 'object' &&
    received !== null &&
    'operations' in received &&
    Array.isArray(received.operations) &&
    'failed' in received &&
    Array.isArray(received.failed)
  );
}

function modelOf(named: Model<unknown, Call, Json> | string | undefined, history: History): Model<unknown, Call, Json> {
  if (named === undefined) {
    const { model, reason } = guessModel(history);
    if (model === undefined) throw new TypeError(`toBeLinearizable needs a model: ${reason}`);
    return model as Model<unknown, Call, Json>;
  }
  if (typeof named !== 'string') return named;
  const model = modelNamed(named);
  if (model === undefined) throw new TypeError(`no model is called ${named}: there are ${modelNames.join(', ')}`);
  return model as Model<unknown, Call, Json>;
}
