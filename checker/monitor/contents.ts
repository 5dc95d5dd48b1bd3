/** What a collection holds after an order of its operations. */
import { DROP, INSERT, PUT, TAKE, TAKE_UNSEEN, type CollectionPart } from './collection-part.ts';

/** The operations that put in what is in, the first to come out (of a stack, the last) first. */
export function contentsAfter(
  { kind, value, values }: CollectionPart,
  { order, took }: { readonly order: Int32Array; readonly took: Int32Array | undefined },
): readonly number[] {
  const holder = new Int32Array(values).fill(-1);
  for (const i of order) {
    switch (kind[i]!) {
      case PUT:
      case INSERT:
        holder[value[i]!] = i;
        break;
      case TAKE:
      case DROP:
        holder[value[i]!] = -1;
        break;
      case TAKE_UNSEEN:
        if (took !== undefined) holder[took[i]!] = -1;
        break;
    }
  }
  return Array.from(order).filter((i) => (kind[i] === PUT || kind[i] === INSERT) && holder[value[i]!] === i);
}
