import { closeSync, openSync } from 'node:fs';
import { cannotTell } from '../exit.ts';
import { READ } from '../files/symlinks.ts';
import { because } from '../log/reasons.ts';
import { BLOCKED_MS, runTool, TIMED_OUT } from './tool.ts';

/** What was found, each as `path:text`; or why a program that reads the environments has no result. */
type Found = ReadonlySet<string> | { readonly program: string; readonly errno: string };

/** In the environment of grep(1) itself: at least one of them follows a NUL. */
const MARKS = { SIPWD_FIRST: '1', SIPWD_SECOND: '1' };
const OWN = '/proc/self/environ';

/** Processes that are searched for one that blocks, in so many parts at once. */
const PARTS = 16;

/** The environments of processes. Another program reads them: a read waits for the memory, which may be locked for ever. */
export class Environments {
  /** processes whose memory is locked: one that is recycled meanwhile is not worth another wait */
  readonly #blocked = new Set<number>();

  /** @param root where procfs is mounted */
  constructor(private readonly root: string) {}

  /**
   * Which of the processes have which of the strings in their environment, each as `PID string`.
   *
   * @throws Exit (cannotTell) when the program that reads them cannot be run
   */
  async textsIn(all: readonly number[], texts: readonly string[]): Promise<Set<string>> {
    const pids = all.filter((pid) => !this.#blocked.has(pid));
    if (pids.length === 0) return new Set();
    const found = await search(
      pids.map((pid) => `${this.root}/${pid}/environ`),
      texts,
    );
    if (!('errno' in found)) return new Set(Array.from(found, toFound));
    const isTooLong = found.errno === 'E2BIG' && pids.length > 1;
    if (found.errno !== TIMED_OUT && !isTooLong)
      throw cannotTell(because.environmentsNotReadable(found.program, found.errno));
    // One of them blocks: it must not hide the others.
    if (pids.length === 1) for (const pid of pids) this.#blocked.add(pid);
    const size = Math.ceil(pids.length / PARTS);
    const parts = Array.from({ length: PARTS }, (_, part) => pids.slice(part * size, (part + 1) * size));
    const sets = await Promise.all(parts.map((part) => this.textsIn(part, texts)));
    return new Set(sets.flatMap((each) => [...each]));
  }
}

/** From a line of grep(1), `/proc/PID/environ:string`. */
function toFound(line: string): string {
  return line.replace(/^.*\/(\d+)\/environ:/, '$1 ');
}

async function search(paths: readonly string[], texts: readonly string[]): Promise<Found> {
  const marks = Object.entries(MARKS).map(([name, value]) => `${name}=${value}`);
  const args = ['-a', '-o', '-H', '-F', '-f', '-', OWN, ...paths];
  const options = { input: [...texts, ...marks].join('\n'), timeout: BLOCKED_MS, environment: MARKS };
  const { stdout, errno } = await runTool('grep', args, options);
  if (errno !== undefined) return { program: 'grep', errno };
  const found = new Set(stdout.split('\n'));
  // That of busybox reads a line as far as its first NUL.
  return marks.every((mark) => found.has(`${OWN}:${mark}`)) ? found : searchOneByOne(paths, texts);
}

async function searchOneByOne(paths: readonly string[], texts: readonly string[]): Promise<Found> {
  const found = new Set<string>();
  for (const path of paths) {
    const descriptor = open(path);
    if (descriptor === undefined) continue;
    try {
      const { stdout, errno } = await runTool('tr', ['\\0\\n', '\\n?'], { descriptor, timeout: BLOCKED_MS });
      if (errno !== undefined) return { program: 'tr', errno };
      for (const text of texts) if (stdout.includes(text)) found.add(`${path}:${text}`);
    } finally {
      closeSync(descriptor);
    }
  }
  return found;
}

/** @returns undefined when the process does not exist, or this user may not read its environment */
function open(path: string): number | undefined {
  try {
    return openSync(path, READ);
  } catch {
    return undefined;
  }
}
