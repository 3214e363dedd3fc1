import { expect } from 'vitest';
import type { TestService } from './service.ts';

/** A line as siplog's users write it. */
export const LINE = /^([1-9]\d?) ([A-Z][a-z]{2}) (\d\d):(\d\d):(\d\d)\.(\d{3})\/GLOBAL\/sipwd: (.+)$/;

/** Three levels in one run: a service that is down is a warning, its start is information, and that fails. */
export const failing = ({ args }: TestService) => args.with(3, 'exit 7');
export const messagesOf = ({ binfile, pidfile }: TestService) => [
  `${binfile} is down: there is no pidfile ${pidfile}`,
  `starting ${binfile}: exit 7`,
  `cannot start ${binfile}: the command exited with status 7: exit 7`,
];

/** The messages in lines of siplog, every line of which must be one. */
export function messagesIn(text: string): (string | undefined)[] {
  const lines = text.split('\n');
  expect(lines.pop()).toBe('');
  for (const line of lines) expect(line).toMatch(LINE);
  return lines.map((line) => LINE.exec(line)?.[7]);
}
