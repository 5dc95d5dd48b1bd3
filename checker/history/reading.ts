/** What every reader of a recorded history offers, whatever the format. */
import type { History } from './operation.ts';

/** Reads a history from chunks of any size. */
export interface HistoryReader {
  /** @throws HistoryError for what is malformed, as soon as it is seen */
  push(bytes: Uint8Array): void;
  /**
   * The history that was read; nothing may be pushed after it.
   * @throws HistoryError for what only the end can tell: an empty file, a vector that is never closed
   */
  finish(): History;
}

export interface ReadingOptions {
  /** Number of clients if known (client = process mod clients), for naming clients in sentences. */
  readonly clients?: number;
  /** True where a history without an operation is none the less one. */
  readonly mayBeEmpty?: boolean;
}
