import { expect } from 'vitest';
import { messages } from '../../src/log/messages.ts';
import { ended, why } from '../../src/log/reasons.ts';
import { lineOf } from './messages.ts';
import type { TestService } from './service.ts';

/** The months as siplog's users write them. */
export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A line as siplog's users write it. */
export const LINE = /^([1-9]\d?) ([A-Z][a-z]{2}) (\d\d):(\d\d):(\d\d)\.(\d{3})\/GLOBAL\/sipwd: (.+)$/;

/** A run with messages of three levels: down (warning), starting (information), start failed (error). */
export const failing = ({ args }: TestService) => args.with(3, 'exit 7');
export const messagesOf = ({ name, pidfile }: Pick<TestService, 'name' | 'pidfile'>) =>
  [
    messages.down(why.noPidfile(pidfile)),
    messages.starting('exit 7'),
    messages.startFailed(ended.status(7), 'exit 7'),
  ].map((message) => lineOf(message, name));

/** The messages in lines of siplog; every line must be one. */
export function messagesIn(text: string): (string | undefined)[] {
  const lines = text.split('\n');
  expect(lines.pop()).toBe('');
  for (const line of lines) expect(line).toMatch(LINE);
  return lines.map((line) => LINE.exec(line)?.[7]);
}

/** The lines of a run that starts a service without a pidfile; the duration is taken from the last line. */
export function startLinesOf(
  { name, pidfile, command, pids }: Pick<TestService, 'name' | 'pidfile' | 'command' | 'pids'>,
  said: readonly string[],
): string[] {
  const [seconds = ''] = /\d+\.\d\d(?= s$)/.exec(said.at(-1) ?? '') ?? [];
  const lines = [messages.down(why.noPidfile(pidfile)), messages.starting(command), messages.started(pids, seconds)];
  return lines.map((message) => lineOf(message, name));
}
