interface Place {
  readonly start: { readonly line: number; readonly column: number };
}

interface Branch {
  readonly type: string;
  readonly loc: Place;
  readonly locations: readonly Place[];
}

interface Located {
  readonly loc: Place;
}

type ById<T> = Readonly<Record<string, T>>;

/** The coverage of one file of the source, as Istanbul counts it: places, and how often each was reached. */
export interface FileCoverage {
  statementMap: ById<Place>;
  s: ById<number>;
  fnMap: ById<Located>;
  f: ById<number>;
  branchMap: ById<Branch>;
  b: ById<readonly number[]>;
}

/**
 * Gives statements, functions and branches the places that the same ones have in another coverage of the file: the maps
 * of two builds agree on where most of them begin, but not on where they end, and each would be counted twice.
 *
 * @returns the coverage without what the other one does not have
 */
export function placedAs<T extends FileCoverage>(coverage: T, other: FileCoverage): T {
  const [statementMap, s] = placed(coverage.statementMap, coverage.s, other.statementMap, (place) => ['', place]);
  const [fnMap, f] = placed(coverage.fnMap, coverage.f, other.fnMap, ({ loc }) => ['', loc]);
  const [branchMap, b] = placed(coverage.branchMap, coverage.b, other.branchMap, (branch) => [
    `${branch.type} ${branch.locations.length}`,
    branch.loc,
  ]);
  return { ...coverage, statementMap, s, fnMap, f, branchMap, b };
}

/** What identifies one of them, and where it begins. */
type Identify<V> = (value: V) => readonly [kind: string, place: Place];

function placed<V, C>(all: ById<V>, counts: ById<C>, other: ById<V>, identify: Identify<V>): [ById<V>, ById<C>] {
  const found = new Map<string, V>();
  const places = new Set(Object.values(other));
  const columnOf = ([kind, { start }]: ReturnType<Identify<V>>) => `${kind} ${start.line}:${start.column}`;
  const lineOf = ([kind, { start }]: ReturnType<Identify<V>>) => `${kind} ${start.line}`;
  const keys = [JSON.stringify, (value: V) => columnOf(identify(value)), (value: V) => lineOf(identify(value))];
  // Those that are the same, then those that begin at the same place, then what is left on a line, if it is one each.
  for (const keyOf of keys) {
    const rest = Object.entries(all).filter(([id]) => !found.has(id));
    for (const [id, value] of rest) {
      const same = [...places].filter((place) => keyOf(place) === keyOf(value));
      const [place] = same;
      const isOne = same.length === 1 && rest.filter(([, each]) => keyOf(each) === keyOf(value)).length === 1;
      if (place === undefined || !isOne) continue;
      found.set(id, place);
      places.delete(place);
    }
  }
  const kept = Object.entries(counts).filter(([id]) => found.has(id));
  return [Object.fromEntries(found), Object.fromEntries(kept) as ById<C>];
}
