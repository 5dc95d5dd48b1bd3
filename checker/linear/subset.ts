/** A smaller register history cut out of a larger one, numbered anew so that working on it costs what it is, not what the large one was. */
import { NEVER } from './columns.ts';
import { CAS, INITIAL, NONE, WRITE, type RegisterPart } from './register-part.ts';

/** An operation of a subset. A weak one is a compare-and-set that stands as the write of its new value. */
export interface Member {
  readonly operation: number;
  readonly weak: boolean;
}

/** The part that these members form; operation i of it is member i. */
export function subset(part: RegisterPart, members: readonly Member[]): RegisterPart {
  const events = members
    .flatMap(({ operation }) => [part.call[operation]!, part.ret[operation]!])
    .filter((event) => event !== NEVER)
    .sort((a, b) => a - b);
  const eventNumber = new Map(events.map((event, i) => [event, i]));
  const valueNumber = new Map([
    [INITIAL, INITIAL],
    [NONE, NONE],
  ]);
  const values = [part.values.at(INITIAL)!];
  const renumber = (value: number): number => {
    const known = valueNumber.get(value);
    if (known !== undefined) return known;
    valueNumber.set(value, values.length);
    return values.push(part.values.at(value)!) - 1;
  };
  return {
    count: members.length,
    call: Int32Array.from(members, ({ operation }) => eventNumber.get(part.call[operation]!)!),
    ret: Int32Array.from(members, ({ operation }) => eventNumber.get(part.ret[operation]!) ?? NEVER),
    end: events.length,
    kind: Uint8Array.from(members, ({ operation, weak }) =>
      isWeakCas(part, operation, weak) ? WRITE : part.kind[operation]!,
    ),
    needs: Int32Array.from(members, ({ operation, weak }) => (weak ? NONE : renumber(part.needs[operation]!))),
    leaves: Int32Array.from(members, ({ operation }) => renumber(part.leaves[operation]!)),
    values,
  };
}

function isWeakCas(part: RegisterPart, operation: number, weak: boolean): boolean {
  return weak && part.kind[operation] === CAS;
}
