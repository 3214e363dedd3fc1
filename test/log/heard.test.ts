import { describe, expect, test } from 'vitest';
import { listening } from '../../src/log/heard.ts';
import { Journal } from '../../src/log/log.ts';
import { messages } from '../../src/log/messages.ts';

const [DEBUG, INFO, WARN, ERROR] = [
  messages.locked('/l'),
  messages.startNeeded(),
  messages.down('no PID'),
  messages.cannotTell('x'),
];

function heardOf(...said: readonly (typeof INFO)[]) {
  const { log, heard } = listening(new Journal(true).about());
  for (const message of said) log.say(message);
  return heard();
}

describe('what was heard', () => {
  test('when there are warnings or errors, it is the last of them', () => {
    expect(heardOf(WARN, ERROR, INFO)).toEqual(ERROR);
    expect(heardOf(ERROR, WARN, DEBUG)).toEqual(WARN);
  });

  test('when there is none, it is the last information; debug messages do not count', () => {
    expect(heardOf(INFO, DEBUG)).toEqual(INFO);
    expect(heardOf(DEBUG)).toBeUndefined();
  });
});
