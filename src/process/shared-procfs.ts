import { onceInATurn } from './once-in-a-turn.ts';
import { Procfs } from './procfs.ts';

/** What several services look for in the environments of processes. */
interface Search {
  readonly pids: Set<number>;
  readonly texts: Set<string>;
  readonly found: Promise<ReadonlySet<string>>;
}

/** /proc for many services: what is the same for all of them is read once in a turn of the event loop. */
export class SharedProcfs extends Procfs {
  override readonly isMounted = onceInATurn(() => super.isMounted());
  override readonly isOurs = onceInATurn(() => super.isOurs());
  override readonly bootId = onceInATurn(() => super.bootId());
  #search: Search | undefined;

  /** Repairs that ask in the same turn share the program that reads the environments. */
  override async withEnvironment(pids: readonly number[], text: string): Promise<number[]> {
    this.#search ??= this.#begin();
    const search = this.#search;
    for (const pid of pids) search.pids.add(pid);
    search.texts.add(text);
    const found = await search.found;
    return pids.filter((pid) => found.has(`${pid} ${text}`));
  }

  #begin(): Search {
    const [pids, texts] = [new Set<number>(), new Set<string>()];
    const turnOver = new Promise((resolve) => setImmediate(resolve));
    const found = turnOver.then(() => {
      this.#search = undefined;
      return this.textsIn([...pids], [...texts]);
    });
    return { pids, texts, found };
  }
}
