/** What the recorder throws when it is used wrongly: a mistake of the test, never an outcome of the system under test. */
export class RecorderError extends Error {
  override readonly name = 'RecorderError';
}
