/**
 * Everything that a report shows comes from a system under test, so nothing of it is trusted. Pages are built from `html`
 * templates, which escape whatever they are given unless it is itself the result of such a template: a value `</script>`
 * is text by construction, not by remembering to escape it.
 */

/** Text that is already HTML. Made by `html`, and by the page for its own style sheet and script. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a template takes: markup as it is, strings and numbers escaped, lists joined, null as nothing. */
export type Piece = Markup | string | number | null | readonly Piece[];

/** Markup from a template; also for SVG, whose escaping is the same. Line breaks of the template itself become a space. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const parts = strings.map((part) => part.replace(/\s*\n\s*/g, ' '));
  return new Markup(parts.map((part, at) => part + (at < pieces.length ? write(pieces[at]!) : '')).join(''));
}

function write(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'object') return piece.map(write).join('');
  return escape(String(piece));
}

/** Text for an HTML or SVG text node or a quoted attribute. */
export function escape(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters (an escape sequence would drive the reader's terminal) and direction overrides made visible as U+FFFD. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
