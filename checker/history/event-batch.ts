/**
 * Events as columns, some hundred at a time: what a reader fills and the pairing empties. Handing numbers over in arrays
 * instead of one object an event is what lets a file be read at the speed of its bytes.
 */

/** Types of events: an invocation, or what came of one. */
export const INVOKE = 0;
export const ANSWER_OK = 1;
export const ANSWER_FAIL = 2;
export const ANSWER_INFO = 3;

/** Columns by event. `count` are in use; names and values are numbers of the `Rows` that they will go to. */
export class EventBatch {
  count = 0;
  readonly capacity: number;
  /** Line in the file, from 1. */
  readonly line: Int32Array;
  readonly type: Uint8Array;
  /** The recorded index, or the place in the file where the format has none. */
  readonly id: Float64Array;
  readonly timeNs: Float64Array;
  readonly process: Float64Array;
  readonly f: Int32Array;
  /** NO_NAME where there is none, like `error` and `node`. */
  readonly key: Int32Array;
  readonly value: Int32Array;
  readonly error: Int32Array;
  /** The node that was asked, or that answered. */
  readonly node: Int32Array;
  /** NaN where not recorded. */
  readonly term: Float64Array;
  readonly applied: Float64Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.line = new Int32Array(capacity);
    this.type = new Uint8Array(capacity);
    this.id = new Float64Array(capacity);
    this.timeNs = new Float64Array(capacity);
    this.process = new Float64Array(capacity);
    this.f = new Int32Array(capacity);
    this.key = new Int32Array(capacity);
    this.value = new Int32Array(capacity);
    this.error = new Int32Array(capacity);
    this.node = new Int32Array(capacity);
    this.term = new Float64Array(capacity);
    this.applied = new Float64Array(capacity);
  }
}
