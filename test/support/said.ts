import type { Event } from '../../src/log/messages.ts';
import { messagesIn } from './log.ts';
import { eventOf } from './messages.ts';

/** The lines of one or several runs, without the time; each must be a message. */
export function linesIn(said: string): string[] {
  return said === '' ? [] : messagesIn(`${said}\n`).map((line) => line ?? '');
}

export function eventsIn(said: string): Event[] {
  return linesIn(said).map(eventOf);
}
