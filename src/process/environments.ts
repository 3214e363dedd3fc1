import { closeSync, openSync } from 'node:fs';
import { READ } from '../files/symlinks.ts';
import { runTool } from './tool.ts';

/** What was found, each as `path:text`; or why a program that reads the environments has no result. */
export type Found = ReadonlySet<string> | { readonly program: string; readonly errno: string };

/** In the environment of grep(1) itself: at least one of them follows a NUL. */
const MARKS = { SIPWD_FIRST: '1', SIPWD_SECOND: '1' };
const OWN = '/proc/self/environ';

/**
 * Looks for strings in the environments of processes. Another program reads them: a read waits for the memory of the
 * process, which may be locked for ever.
 *
 * @param paths as in /proc/PID/environ
 * @param timeout ms
 */
export async function searchEnvironments(
  paths: readonly string[],
  texts: readonly string[],
  timeout: number,
): Promise<Found> {
  const marks = Object.entries(MARKS).map(([name, value]) => `${name}=${value}`);
  const args = ['-a', '-o', '-H', '-F', '-f', '-', OWN, ...paths];
  const options = { input: [...texts, ...marks].join('\n'), timeout, environment: MARKS };
  const { stdout, errno } = await runTool('grep', args, options);
  if (errno !== undefined) return { program: 'grep', errno };
  const found = new Set(stdout.split('\n'));
  // That of busybox reads a line as far as its first NUL.
  return marks.every((mark) => found.has(`${OWN}:${mark}`)) ? found : searchOneByOne(paths, texts, timeout);
}

async function searchOneByOne(paths: readonly string[], texts: readonly string[], timeout: number): Promise<Found> {
  const found = new Set<string>();
  for (const path of paths) {
    const descriptor = open(path);
    if (descriptor === undefined) continue;
    try {
      const { stdout, errno } = await runTool('tr', ['\\0\\n', '\\n?'], { descriptor, timeout });
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
