import { type Level, pino } from 'pino';
import { toStderr } from './backends.ts';
import { excerpt, printable } from './escape.ts';
import { localTime } from './local-time.ts';
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

/** Opens the log that the environment asks for. Writing to it never throws. */
export function openSiplog(environment: LogEnvironment, outlets: Outlets): Write {
  const { SIPLOG_BEND: backend = 'stderr', SIPLOG_LVL: level = 'INFO' } = environment;
  const isSilent = backend === 'none';
  const sink = sinkOf(backend, environment.SIPLOG_LOGFILE_FILE || DEFAULT_LOGFILE, outlets);
  const logger = pino(
    {
      name: 'sipwd',
      level: isSilent ? 'silent' : (Object.hasOwn(LEVELS, level) && LEVELS[level]) || 'info',
    },
    sink,
  );
  const write: Write = ({ service, message: { event, level, text } }: Entry) => {
    logger[level]({ service, event }, printable(service === undefined ? text : `${service}: ${text}`));
  };
  const warn = (name: string, value: string, used: string, known: readonly string[]) =>
    write({ service: undefined, message: messages.unknownSetting(name, excerpt(value), used, known.join(', ')) });
  if (!BACKENDS.includes(backend)) warn('SIPLOG_BEND', backend, 'stderr', BACKENDS);
  if (!Object.hasOwn(LEVELS, level)) warn('SIPLOG_LVL', level, 'INFO', Object.keys(LEVELS));
  return sink.written === undefined ? write : Object.assign(write, { written: sink.written });
}

/** A line as siplog's other users write it, in local time: `2 Nov 14:27:10.123/GLOBAL/sipwd: error: redis: …`. */
export function siplogLine(line: Line): string {
  const { time } = line;
  const thousandths = String(new Date(time).getMilliseconds()).padStart(3, '0');
  return `${localTime(time)}.${thousandths}/GLOBAL/sipwd: ${messageOf(line)}\n`;
}

function messageOf({ level, msg }: Line): string {
  return `${SEVERITY[level] ?? ''}${msg}`;
}

/** A warning of the log itself, in front of a line. */
function warningOf({ text }: Message, { time }: Line): Line {
  return { level: WARN, time, msg: printable(text) };
}

/** Takes pino's lines; `written` as in Write. */
interface Sink {
  readonly write: (json: string) => void;
  readonly written?: () => Promise<unknown>;
}

function sinkOf(backend: string, logfile: string, { append, toSyslog }: Outlets): Sink {
  const parse = (json: string): Line => JSON.parse(json);
  let isWorking = true;
  switch (backend) {
    case 'json':
      return { write: toStderr };
    case 'logfile':
    case 'logfile_async': {
      const write = (json: string) => {
        const line = parse(json);
        const problem = append(logfile, siplogLine(line));
        if (problem === undefined) return;
        if (isWorking) toStderr(siplogLine(warningOf(messages.logfileRefused(logfile, problem), line)));
        isWorking = false;
        toStderr(siplogLine(line));
      };
      return { write };
    }
    case 'syslog': {
      // One message after the other, beside the work. One that is not taken costs two seconds: once in a run.
      let last: Promise<void> = Promise.resolve();
      const send = async (line: Line) => {
        isWorking &&= await toSyslog(line.level, messageOf(line));
        if (!isWorking) toStderr(siplogLine(line));
      };
      const write = (json: string) => {
        last = last.then(() => send(parse(json)));
      };
      return { write, written: () => last };
    }
    default:
      return { write: (json) => toStderr(siplogLine(parse(json))) };
  }
}
