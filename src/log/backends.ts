import { writeSync } from 'node:fs';
import { stateProblem } from './reasons.ts';

/** The log never stops the work: whatever goes wrong costs the message and nothing else. */
export function toStderr(line: string): void {
  try {
    writeLine(2, line);
  } catch {
    // Nothing is left to write to.
  }
}

/**
 * Writes a line with one write(2).
 *
 * @throws Error unless all of it was written
 */
export function writeLine(descriptor: number, line: string): void {
  const bytes = Buffer.from(line);
  if (writeSync(descriptor, bytes) !== bytes.length) throw new Error(stateProblem.shortWrite());
}
