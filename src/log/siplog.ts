import { type Level, pino } from 'pino';
import { toLogfile, toStderr, toSyslog } from './backends.ts';
import { printable } from './printable.ts';

/** What is said, by how much it matters. Each message becomes one line. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  fatal(message: string): void;
}

/** The variables of siplog's environment. */
export interface LogEnvironment {
  readonly SIPLOG_BEND?: string | undefined;
  readonly SIPLOG_LVL?: string | undefined;
  readonly SIPLOG_LOGFILE_FILE?: string | undefined;
}

const DEFAULT_LOGFILE = '/var/log/sip.log';

/** siplog's levels, by pino's names. */
const LEVELS: ReadonlyMap<string | undefined, Level> = new Map([
  ['DBUG', 'debug'],
  ['INFO', 'info'],
  ['WARN', 'warn'],
  ['ERR', 'error'],
  ['CRIT', 'fatal'],
]);

/** What pino hands to its stream, as far as a line of siplog needs it. */
interface Entry {
  readonly level: number;
  /** ms since the epoch */
  readonly time: number;
  readonly msg: string;
}

/** Opens the log that the environment asks for. Writing to it never throws, and nothing is kept back for later. */
export function openLog(environment: LogEnvironment): Log {
  const backend = environment.SIPLOG_BEND;
  const level = LEVELS.get(environment.SIPLOG_LVL) ?? 'info';
  const logger = pino(
    { name: 'sipwd', level: backend === 'none' ? 'silent' : level },
    { write: writer(backend, environment.SIPLOG_LOGFILE_FILE || DEFAULT_LOGFILE) },
  );
  const say = (at: Level) => (message: string) => logger[at](printable(message));
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error'), fatal: say('fatal') };
}

/** One line as siplog's other users write it, in local time: `2 Nov 14:27:10.123/GLOBAL/sipwd: message`. */
export function siplogLine(time: Date, message: string): string {
  const month = time.toLocaleString('en-US', { month: 'short' });
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => padded(part, 2)).join(':');
  return `${time.getDate()} ${month} ${clock}.${padded(time.getMilliseconds(), 3)}/GLOBAL/sipwd: ${message}\n`;
}

function writer(backend: string | undefined, logfile: string): (json: string) => void {
  const line = (json: string) => {
    const entry: Entry = JSON.parse(json);
    return siplogLine(new Date(entry.time), entry.msg);
  };
  switch (backend) {
    case 'json':
      return toStderr;
    case 'logfile':
    case 'logfile_async':
      return (json) => toLogfile(logfile, line(json)) || toStderr(line(json));
    case 'syslog':
      return (json) => {
        const entry: Entry = JSON.parse(json);
        return toSyslog(entry.level, entry.msg) || toStderr(line(json));
      };
    default:
      return (json) => toStderr(line(json));
  }
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
