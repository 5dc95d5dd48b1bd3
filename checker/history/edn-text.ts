/**
 * JSON values as EDN text, the other way round than `edn-json.ts`: what that makes of an element becomes the element again
 * (`":x"` a keyword, `{"set": […]}` a set), everything else what is nearest to it. What that reads back as another value is
 * *changed*: a text that only looks like an element, a JSON object, which becomes a map.
 */
import { sameJson } from '../model/json.ts';
import { EdnParser, EndOfText } from './edn.ts';
import { EdnError } from './edn-elements.ts';
import { toJson } from './edn-json.ts';
import type { Json } from './operation.ts';

/** The EDN of a value. */
export function ednOf(value: Json): string {
  if (value === null) return 'nil';
  if (typeof value === 'string') return textOf(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(ednOf).join(' ')}]`;
  return objectOf(value as { readonly [name: string]: Json });
}

/** What a reader makes of the EDN of a value. */
export function readBack(value: Json): Json {
  return valueOf(ednOf(value))!;
}

/** The value that this text stands for, if it is one element and nothing else; undefined otherwise. */
export function valueOf(text: string): Json | undefined {
  try {
    const parser = new EdnParser(text, 0, true);
    if (!parser.next()) return undefined;
    const value = toJson(parser.read(), 0);
    return parser.next() ? undefined : value;
  } catch (error) {
    if (error instanceof EdnError || error instanceof EndOfText) return undefined;
    throw error;
  }
}

/** A key of jepsen.independent, or of a register: a number where it is written as one, else a text. */
export function keyEdn(key: string): string {
  return /^(?:0|[1-9]\d{0,14})$/.test(key) ? key : JSON.stringify(key);
}

/** The first characters, and the first of numbers, of everything that may not be a plain text to a reader. */
const ODD_START = /^[:'\\#"\-\d]/;

function textOf(text: string): string {
  const written = JSON.stringify(text);
  if (!ODD_START.test(text)) return written;
  return elementOf(text) ?? written;
}

/** The element that a reader turns into this very text. */
function elementOf(text: string): string | undefined {
  const candidates = [text.replace(/^'/, ''), JSON.stringify(text), JSON.stringify(unquoted(text))];
  return candidates.find((candidate) => valueOf(candidate) === text);
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function objectOf(value: { readonly [name: string]: Json }): string {
  const element = specialOf(value);
  if (element !== undefined && sameJson(valueOf(element) ?? null, value)) return element;
  return `{${Object.entries(value)
    .map(([name, inner]) => `${textOf(name)} ${ednOf(inner)}`)
    .join(', ')}}`;
}

/** `{"set": […]}`, `{"map": [[key, value], …]}`, `{"#inst": text}`. */
function specialOf(value: { readonly [name: string]: Json }): string | undefined {
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [name, inner] = entry;
  if (name === '#inst' || name === '#uuid') return `${name} ${JSON.stringify(inner)}`;
  if (!isList(inner)) return undefined;
  if (name === 'set') return `#{${inner.map(ednOf).join(' ')}}`;
  if (name !== 'map' || !inner.every((pair) => isList(pair) && pair.length === 2)) return undefined;
  return `{${(inner as readonly (readonly Json[])[]).map((pair) => pair.map(ednOf).join(' ')).join(', ')}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
