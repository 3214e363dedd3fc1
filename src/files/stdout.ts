import { writeSync } from 'node:fs';
import { EXIT, Exit } from '../exit.ts';
import { messages } from '../log/messages.ts';
import { sleep } from '../process/sleep.ts';
import { errnoOf, reasonOf } from './errno.ts';

const STDOUT = 1;

/** For a slow reader of a non-blocking pipe. */
const RETRY_MS = 10;

/**
 * Writes to the descriptor itself: the streams of the runtime would make it non-blocking for the caller, too.
 *
 * @throws Exit (cannotTell) when it cannot be written
 */
export async function print(text: string): Promise<void> {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN')
        throw new Exit(EXIT.cannotTell, messages.stdoutNotWritten(reasonOf(error)), error);
      await sleep(RETRY_MS);
    }
  }
}
