import { runfileIdentity } from '../files/runfile.ts';
import { messages } from '../log/messages.ts';
import type { Check } from './check.ts';
import type { Context } from './context.ts';
import { COOKIE, TICKS_PER_SECOND } from './members.ts';
import type { Progress } from './observation.ts';
import type { Start } from './snapshot.ts';
import { withFailure, withStart } from './tally.ts';

const COOKIE_BYTES = 16;

/** What the snapshot says of a start, from before the command until it has exited. */
export class StartRecord {
  readonly #check: Check;
  readonly #context: Context;
  /** undefined with --no-memory */
  readonly #start: Start | undefined;

  private constructor(check: Check, context: Context, start: Start | undefined) {
    this.#check = check;
    this.#context = context;
    this.#start = start;
  }

  /**
   * Stored before the command runs: if sipwd is killed meanwhile, the next run finds the processes of this start.
   *
   * @param before identity of the pidfile (identityOf)
   * @param progress what the run has done before
   */
  static begin(check: Check, before: string, progress: Progress | undefined, context: Context): StartRecord {
    if (!check.stores) return new StartRecord(check, context, undefined);
    const { failures: failuresBefore, isForced } = progress ?? { failures: 0, isForced: false };
    check.tally = withStart(check.tally, Date.now(), isForced);
    const cookie = Buffer.from(crypto.getRandomValues(new Uint8Array(COOKIE_BYTES))).toString('hex');
    const began = Math.floor((context.proc.uptime() ?? 0) * TICKS_PER_SECOND);
    const start: Start = {
      cookie,
      began,
      pidfile: before,
      state: 'running',
      ...(failuresBefore > 0 && { failuresBefore }),
      runfile: runfileIdentity(check.runfile),
    };
    const problem = check.storeStart(start);
    if (problem === undefined) return new StartRecord(check, context, start);
    context.log.say(messages.startNotStored(problem));
    // The cookie that is stored is that of the next run, too.
    return new StartRecord(check, context, check.stored?.snapshot?.start ?? undefined);
  }

  /** Variables for the start command. */
  get environment(): NodeJS.ProcessEnv {
    return this.#start === undefined ? {} : { [COOKIE]: this.#start.cookie };
  }

  /**
   * Stores how the start has ended so far.
   *
   * @param hasFailed whether it counts as failed, which may still come up
   */
  finish(state: Start['state'], hasFailed = state === 'failed'): void {
    if (hasFailed) this.#check.tally = withFailure(this.#check.tally);
    if (this.#start !== undefined)
      this.#store({ ...this.#start, state, runfile: runfileIdentity(this.#check.runfile) });
  }

  #store(start: Start): void {
    const problem = this.#check.storeStart(start);
    if (problem !== undefined) this.#context.log.say(messages.snapshotNotStored(problem));
  }
}
