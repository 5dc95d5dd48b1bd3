/** Where things end in a JSON text that may be cut off: what a reader of chunks must know before it parses them. */

/** Past the object that begins at a place, or −1 if the text ends in it. */
export function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      at = endOfString(text, at) - 1;
      if (at < start) return -1;
    } else if (char === 0x7b) {
      depth++;
    } else if (char === 0x7d && --depth === 0) {
      return at + 1;
    }
  }
  return -1;
}

/** Past the string that begins at a place, or −1 if the text ends in it. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) return at + 1;
    if (char === 0x5c) at++;
  }
  return -1;
}
