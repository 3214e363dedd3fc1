import { afterAll, afterEach, vi } from 'vitest';

/** What ends what tests have started or made: by modules, which a worker loads once for all of its files. */
const testEnds: (() => unknown)[] = [];
const fileEnds: (() => unknown)[] = [];

/** Does something after each test of every file. The hook of vitest would serve only the file that imports a module first. */
export function afterEachTest(end: () => unknown): void {
  testEnds.push(end);
}

/** Does something after the last test of every file. */
export function afterEachFile(end: () => unknown): void {
  fileEnds.push(end);
}

/** For the file that runs now. What was registered last is done first. */
export function registerEnds(): void {
  // Another file may load a module before its first test.
  afterEach(() => vi.unstubAllEnvs());
  afterEach(() => endAll(testEnds));
  afterAll(() => endAll(fileEnds));
}

async function endAll(ends: readonly (() => unknown)[]): Promise<void> {
  for (const end of ends.toReversed()) await end();
}
