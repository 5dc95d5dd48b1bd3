/** What the readers throw when a recorded history is not one: the file, the line and the reason, ready for a single line on the screen. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  /** The file as the caller named it. */
  readonly file: string;
  /** Line in the file, from 1. */
  readonly line: number;
  readonly reason: string;

  constructor(file: string, line: number, reason: string) {
    super(`${file}:${line}: ${reason}`);
    this.file = file;
    this.line = line;
    this.reason = reason;
  }
}
