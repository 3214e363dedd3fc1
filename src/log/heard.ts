import type { Log } from './log.ts';
import type { Message } from './messages.ts';

/** A log that remembers what was said; `heard` is the last warning or error, else the last message. */
export function listening(log: Log): { readonly log: Log; readonly heard: () => Message | undefined } {
  let last: Message | undefined;
  let alarm: Message | undefined;
  const say = (message: Message) => {
    if (message.level === 'info') last = message;
    else if (message.level !== 'debug') alarm = message;
    log.say(message);
  };
  return { log: { ...log, say }, heard: () => alarm ?? last };
}
