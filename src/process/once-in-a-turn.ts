/** What a function returns, found out once in a turn of the event loop. */
export function onceInATurn<T>(find: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    if (known === undefined) {
      known = { value: find() };
      setImmediate(() => {
        known = undefined;
      });
    }
    return known.value;
  };
}

/** The same, for each argument. */
export function onceInATurnFor<T>(find: (key: string) => T): (key: string) => T {
  const known = onceInATurn(() => new Map<string, T>());
  return (key) => {
    const values = known();
    let value = values.get(key);
    if (value === undefined) {
      value = find(key);
      values.set(key, value);
    }
    return value;
  };
}
