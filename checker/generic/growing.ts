/**
 * Lists that only grow. Whoever reads one sees all of it, so the longest read says what the list was at every moment before: its
 * first k values, for some k. In place of the list the search then has the number k: an append is possible where its value is the
 * next one of that read, a read where k is its length. Once something is appended that the read does not show, the list can be
 * anything, because nobody looks any more. This loses no order and adds none. Without it, n appends of unknown outcome are
 * n! lists, each of them a state of its own.
 */
import type { Call, Json } from '../history/operation.ts';
import { Values } from '../history/values.ts';
import { REJECTED, UNSEEN, type GrowingList, type Model } from '../model/model.ts';
import { States, type OperationClass } from './states.ts';

/** A class of operations with values by number. A read is what it saw; undefined of one that nobody saw the answer of. */
type Action = { readonly append: number } | { readonly read: Int32Array | undefined };

/** In place of the length of a read that no order can have. */
const NEVER_SEEN = -1;
const NOTHING_READ = new Int32Array(0);

/** What takes the place of a part's model. */
export interface AlongRead {
  readonly model: Model<number, Call, Json>;
  readonly classes: readonly OperationClass[];
  readonly states: States<number>;
}

/** The operations of one part, by class. */
export class Growing {
  readonly #initial: Int32Array;
  readonly #actions: readonly Action[];

  constructor(list: GrowingList, classes: readonly OperationClass[]) {
    const values = new Values();
    const numbers = (from: readonly Json[]): Int32Array => Int32Array.from(from, (value) => values.of(value));
    this.#initial = numbers(list.initial);
    this.#actions = classes.map(({ input, output }) => {
      const action = list.actionOf(input, output);
      if (action.kind === 'append') return { append: values.of(action.value) };
      return { read: action.kind === 'read' ? numbers(action.values) : undefined };
    });
  }

  /**
   * The part's classes with lengths for states, as they are along the longest read of these operations. There is an order of them (and
   * of any other appends) where the part has one, and the same orders.
   */
  along(classOf: Int32Array, required: Iterable<number>): AlongRead {
    const longest = this.#longest(classOf, required);
    const classes = this.#actions.map((action) => this.#classOf(action, longest));
    const model = lengths(longest.subarray(this.#initial.length));
    return { model, classes, states: new States(model, classes) };
  }

  #longest(classOf: Int32Array, required: Iterable<number>): Int32Array {
    let longest = this.#initial;
    for (const operation of required) {
      const action = this.#actions[classOf[operation]!]!;
      const read = 'read' in action ? (action.read ?? NOTHING_READ) : NOTHING_READ;
      if (read.length > longest.length) longest = read;
    }
    return longest;
  }

  #classOf(action: Action, longest: Int32Array): OperationClass {
    if ('append' in action) return { input: { f: 'append', value: action.append }, output: null, isRead: false };
    const { read } = action;
    return { input: { f: 'read', value: null }, output: read ? this.#lengthOf(read, longest) : UNSEEN, isRead: true };
  }

  #lengthOf(read: Int32Array, longest: Int32Array): number {
    const isSeen = startsWith(longest, read) && startsWith(read, this.#initial);
    return isSeen ? read.length - this.#initial.length : NEVER_SEEN;
  }
}

function startsWith(whole: Int32Array, beginning: Int32Array): boolean {
  return beginning.length <= whole.length && beginning.every((value, i) => whole[i] === value);
}

/** State: how many of these values are appended; one more than there are where it is another list. */
function lengths(appended: Int32Array): Model<number, Call, Json> {
  const step = (length: number, { f, value }: Call, output: Json | typeof UNSEEN): number | typeof REJECTED => {
    if (f === 'read') return output === UNSEEN || output === length ? length : REJECTED;
    if (length >= appended.length) return appended.length + 1;
    return appended[length] === value ? length + 1 : REJECTED;
  };
  return { name: 'list', initial: 0, step, key: (length) => length };
}
