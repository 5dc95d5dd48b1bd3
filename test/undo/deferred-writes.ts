/**
 * What may happen to a disk whose writes are put off to the end of a turn and to the end of an fsync, as a list of actions; what each
 * process wrote is known, so that what a crash leaves can be held against it.
 */

/** `turn` lets a turn of the event loop end; `settle` waits until all that was asked for is durable. */
export type Action =
  | { readonly kind: 'append'; readonly bytes: number }
  | { readonly kind: 'sync' | 'syncNow' | 'turn' | 'settle' }
  | { readonly kind: 'piece'; readonly bytes: number }
  | { readonly kind: 'publish' };

/** What a program of a few disks does at once, and when it dies: in the middle of a turn, after so many actions of all of them. */
export interface Script {
  readonly folder: string;
  readonly diesAfter: number;
  readonly disks: readonly (readonly Action[])[];
}

/** A promise that was made by the disk of that number: so many bytes of the file are durable; it is written down before anything else is done. */
export interface Said {
  readonly disk: number;
  readonly file: string;
  readonly bytes: number;
}

/** Byte `at` of every file: never zero, and its place can be told. */
export function contentAt(at: number): number {
  return 1 + (at % 251);
}

export function contentOf(from: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, nth) => contentAt(from + nth));
}
