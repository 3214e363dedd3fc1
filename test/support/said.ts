import type { Event } from '../../src/log/messages.ts';
import { messagesIn } from './log.ts';
import { eventOf } from './messages.ts';

/**
 * The lines of one or several runs, without the time; each must be a message. Where no process reaps orphans, as in most
 * containers, a daemon that was killed stays a zombie, and its pidfile is removed: those lines are left out.
 */
export function linesIn(said: string): string[] {
  const lines = said === '' ? [] : messagesIn(`${said}\n`).map((line) => line ?? '');
  return lines.filter((line) => eventOf(line) !== 'pidfileRemoved');
}

export function eventsIn(said: string): Event[] {
  return linesIn(said).map(eventOf);
}
