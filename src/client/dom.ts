/** Finding elements. */

/** All elements that a selector names, in the order of the page. */
export function all<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): readonly T[] {
  return [...within.querySelectorAll<T>(selector)];
}
