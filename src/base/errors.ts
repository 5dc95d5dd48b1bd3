/** A user's mistake or a machine's refusal: one clear line and a hint, no stack. The CLI turns it into exit code 254 or 255. */
export class StalemateError extends Error {
  override readonly name = 'StalemateError';
  /** `usage` ends in exit code 254 (the input was wrong), `failed` in 255 (the tool could not do it). */
  readonly code: 'usage' | 'failed';
  /** What the user can do about it, one line, or empty. */
  readonly hint: string;

  constructor(code: 'usage' | 'failed', message: string, hint = '') {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
