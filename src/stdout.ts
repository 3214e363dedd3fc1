import { writeSync } from 'node:fs';
import { EXIT, errnoOf, Failure, reasonOf } from './failure.ts';
import { sleep } from './process/sleep.ts';

const STDOUT = 1;

/** A reader that is slow, of a pipe that does not block. */
const RETRY_MS = 10;

/**
 * Writes to the descriptor, not through the streams of the runtime: they make it non-blocking for the caller, too.
 *
 * @throws Failure (cannotTell) when it takes nothing
 */
export async function print(text: string): Promise<void> {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      const problem = `cannot write to standard output: ${reasonOf(error)}; nothing was done`;
      if (errnoOf(error) !== 'EAGAIN') throw new Failure(EXIT.cannotTell, problem, error);
      await sleep(RETRY_MS);
    }
  }
}
