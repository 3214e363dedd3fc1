import { type Level, pino } from 'pino';
import { toStderr } from './backends.ts';
import { excerpt, printable } from './escape.ts';
import type { Entry, Write } from './log.ts';
import { type Message, messages } from './messages.ts';

/** The variables of siplog's environment. */
export interface LogEnvironment {
  readonly SIPLOG_BEND?: string | undefined;
  readonly SIPLOG_LVL?: string | undefined;
  readonly SIPLOG_LOGFILE_FILE?: string | undefined;
}

const DEFAULT_LOGFILE = '/var/log/sip.log';

const BACKENDS = ['stderr', 'logfile', 'logfile_async', 'syslog', 'none', 'json'];

const LEVELS: Readonly<Record<string, Level>> = {
  DBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERR: 'error',
  CRIT: 'fatal',
};

/** pino's numbers for its levels. */
const WARN = 40;
const SEVERITY: Readonly<Record<number, string>> = { [WARN]: 'warning: ', 50: 'error: ', 60: 'error: ' };

/** What pino hands to its stream, as far as a line needs it; time in ms since 1970. */
interface Line {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
}

/** Where lines go, besides stderr. */
export interface Outlets {
  /** appends a line to a file; returns why not all of it was written */
  readonly append: (path: string, line: string) => string | undefined;
  /** returns whether the local syslog took the message of one of pino's levels */
  readonly toSyslog: (level: number, message: string) => Promise<boolean>;
}

/** Opens the log that the environment asks for. Writing to it never throws, and nothing is kept back. */
export function openSiplog(environment: LogEnvironment, outlets: Outlets): Write {
  const { SIPLOG_BEND: backend = 'stderr', SIPLOG_LVL: level = 'INFO' } = environment;
  const isSilent = backend === 'none';
  const logger = pino(
    {
      name: 'sipwd',
      level: isSilent ? 'silent' : (Object.hasOwn(LEVELS, level) && LEVELS[level]) || 'info',
    },
    { write: writer(backend, environment.SIPLOG_LOGFILE_FILE || DEFAULT_LOGFILE, outlets) },
  );
  const write: Write = ({ service, message: { event, level, text } }: Entry) => {
    logger[level]({ service, event }, printable(service === undefined ? text : `${service}: ${text}`));
  };
  const warn = (name: string, value: string, used: string, known: readonly string[]) =>
    write({ service: undefined, message: messages.unknownSetting(name, excerpt(value), used, known.join(', ')) });
  if (!BACKENDS.includes(backend)) warn('SIPLOG_BEND', backend, 'stderr', BACKENDS);
  if (!Object.hasOwn(LEVELS, level)) warn('SIPLOG_LVL', level, 'INFO', Object.keys(LEVELS));
  return write;
}

/** A line as siplog's other users write it, in local time: `2 Nov 14:27:10.123/GLOBAL/sipwd: error: redis: …`. */
export function siplogLine(line: Line): string {
  const date = new Date(line.time);
  // `Mon Nov 02 2026 14:27:10 GMT+0530` in every locale (ECMA-262, Date.prototype.toString). Intl would take ten milliseconds.
  const [, month, day, , clock] = date.toString().split(' ');
  const thousandths = String(date.getMilliseconds()).padStart(3, '0');
  return `${Number(day)} ${month} ${clock}.${thousandths}/GLOBAL/sipwd: ${messageOf(line)}\n`;
}

function messageOf({ level, msg }: Line): string {
  return `${SEVERITY[level] ?? ''}${msg}`;
}

/** A warning of the log itself, in front of a line. */
function warningOf({ text }: Message, { time }: Line): Line {
  return { level: WARN, time, msg: printable(text) };
}

function writer(backend: string, logfile: string, { append, toSyslog }: Outlets): (json: string) => void {
  const parse = (json: string): Line => JSON.parse(json);
  switch (backend) {
    case 'json':
      return toStderr;
    case 'logfile':
    case 'logfile_async': {
      let isWorking = true;
      return (json) => {
        const line = parse(json);
        const problem = append(logfile, siplogLine(line));
        if (problem === undefined) return;
        if (isWorking) toStderr(siplogLine(warningOf(messages.logfileRefused(logfile, problem), line)));
        isWorking = false;
        toStderr(siplogLine(line));
      };
    }
    case 'syslog': {
      // One message after the other, beside the work. One that is not taken costs two seconds: once in a run.
      let isWorking = Promise.resolve(true);
      return (json) => {
        const line = parse(json);
        isWorking = isWorking.then(async (works) => {
          if (works && (await toSyslog(line.level, messageOf(line)))) return true;
          toStderr(siplogLine(line));
          return false;
        });
      };
    }
    default:
      return (json) => toStderr(siplogLine(parse(json)));
  }
}
