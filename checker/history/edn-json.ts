/**
 * EDN elements as the JSON values that the checker compares: equal elements become equal values, different ones different
 * values. What JSON has no form for becomes a string that no EDN string becomes: keyword `":x"`, symbol `"'x"`, character
 * `"\\a"`, a whole number beyond 2^53 `"9007199254740993N"`, decimal `"1.5M"`, ratio `"1/3"`, a double without a fraction
 * `"1.0"` (1 and 1.0 differ in Clojure). A string that looks like one of these keeps its quotation marks: `"\":x\""`.
 * Vectors and lists become arrays, sets `{"set": […]}`, maps `{"map": [[key, value], …]}`, both sorted; `#inst` and `#uuid`
 * become `{"#inst": text}`. Instants are told apart by their text.
 */
import { canonical } from '../model/json.ts';
import { EdnError, EdnMap, EdnSet, Keyword, Scalar, Tagged, type Edn } from './edn-elements.ts';
import type { Json } from './operation.ts';

/**
 * The value of an element.
 * @param at where it stands, for the error
 * @throws EdnError for an unknown tag, and for a map or a set that holds a thing twice
 */
export function toJson(edn: Edn, at: number): Json {
  if (edn === null || typeof edn === 'number' || typeof edn === 'boolean') return edn;
  if (typeof edn === 'string') return stringText(edn);
  if (edn instanceof Keyword) return `:${edn.name}`;
  if (edn instanceof Scalar) return edn.text;
  if (edn instanceof EdnMap) return { map: entriesOf(edn, at) };
  if (edn instanceof EdnSet) return { set: sorted(distinct(itemsOf(edn.items, at), at)) };
  if (edn instanceof Tagged) return taggedJson(edn, at);
  return itemsOf(edn, at);
}

/** What a key is called: `5` for 5, `x` for :x and for "x", else the value as JSON. Whoever asks must see to it that no two keys have one name. */
export function keyText(key: Json): string {
  if (typeof key !== 'string') return canonical(key);
  if (key.startsWith(':')) return key.slice(1);
  return key.startsWith('"') ? (JSON.parse(key) as string) : key;
}

/** An element in a few words, for messages. */
export function shown(edn: Edn | undefined): string {
  if (edn === undefined) return 'missing';
  const text = written(edn, 3);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** A string that could be taken for what another element becomes. */
const LOOKS_ODD = /^(?:[:'\\#"]|-?\d.*(?:[NM]|\.0|\/\d+)$)/s;

function stringText(text: string): string {
  return LOOKS_ODD.test(text) ? JSON.stringify(text) : text;
}

function itemsOf(items: readonly Edn[], at: number): readonly Json[] {
  return items.map((item) => toJson(item, at));
}

function entriesOf({ keys, values }: EdnMap, at: number): readonly Json[] {
  distinct(itemsOf(keys, at), at);
  return sorted(keys.map((key, i) => [toJson(key, at), toJson(values[i]!, at)]));
}

function distinct(items: readonly Json[], at: number): readonly Json[] {
  const seen = new Set<string>();
  for (const item of items) {
    const text = canonical(item);
    if (seen.has(text)) throw new EdnError(at, `a map or a set holds ${text} twice`);
    seen.add(text);
  }
  return items;
}

function sorted(items: readonly Json[]): readonly Json[] {
  return items
    .map((item) => ({ item, text: canonical(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ item }) => item);
}

function taggedJson({ tag, value }: Tagged, at: number): Json {
  if ((tag === 'inst' || tag === 'uuid') && typeof value === 'string') {
    return { [`#${tag}`]: tag === 'uuid' ? value.toLowerCase() : value };
  }
  throw new EdnError(at, `unknown tag #${tag}`);
}

function written(edn: Edn, depth: number): string {
  if (edn === null) return 'nil';
  if (typeof edn === 'string') return JSON.stringify(edn.slice(0, 80));
  if (typeof edn !== 'object') return String(edn);
  if (edn instanceof Keyword) return `:${edn.name}`;
  if (edn instanceof Scalar) return edn.text.startsWith("'") ? edn.text.slice(1) : edn.text;
  if (depth === 0) return '…';
  const several = (items: readonly Edn[]): string =>
    items
      .slice(0, 20)
      .map((item) => written(item, depth - 1))
      .join(' ');
  if (edn instanceof EdnMap) return `{${several(edn.keys.flatMap((key, i) => [key, edn.values[i]!]).slice(0, 20))}}`;
  if (edn instanceof EdnSet) return `#{${several(edn.items)}}`;
  if (edn instanceof Tagged) return `#${edn.tag} ${written(edn.value, depth - 1)}`;
  return `[${several(edn)}]`;
}
