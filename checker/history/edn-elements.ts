/** The elements of EDN as data, and the error about a text that is none. */

/** `:name`. */
export class Keyword {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A scalar that JSON has no form for, in a text that is the same for equal ones and never that of another: `'symbol`, `\a`,
 * `9007199254740993N`, `1.5M`, `1/3`, `1.0` (which is not 1 in Clojure), `##Inf`.
 */
export class Scalar {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `{a b}`: keys and values in turn, and where each began in the text. */
export class EdnMap {
  readonly keys: readonly Edn[];
  readonly values: readonly Edn[];
  readonly starts: readonly number[];

  constructor(keys: readonly Edn[], values: readonly Edn[], starts: readonly number[]) {
    this.keys = keys;
    this.values = values;
    this.starts = starts;
  }
}

/** `#{a b}`. */
export class EdnSet {
  readonly items: readonly Edn[];

  constructor(items: readonly Edn[]) {
    this.items = items;
  }
}

/** `#tag element`. */
export class Tagged {
  readonly tag: string;
  readonly value: Edn;

  constructor(tag: string, value: Edn) {
    this.tag = tag;
    this.value = value;
  }
}

/** Numbers are whole and exact, or have a fraction. Vectors and lists are the same, as they are equal in Clojure. */
export type Edn = null | boolean | number | string | Keyword | Scalar | EdnMap | EdnSet | Tagged | readonly Edn[];

/** The text is no EDN. */
export class EdnError extends Error {
  override readonly name = 'EdnError';
  /** Where in the text. */
  readonly at: number;

  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}
