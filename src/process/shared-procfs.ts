import { Procfs } from './procfs.ts';

/** /proc for many services: what is the same for all of them is read once in a turn of the event loop. */
export class SharedProcfs extends Procfs {
  override readonly isMounted = onceInATurn(() => super.isMounted());
  override readonly isOurs = onceInATurn(() => super.isOurs());
  override readonly bootId = onceInATurn(() => super.bootId());
}

function onceInATurn<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    if (known === undefined) {
      known = { value: read() };
      setImmediate(() => {
        known = undefined;
      });
    }
    return known.value;
  };
}
