import { Binary } from './files/binary.ts';
import type { Pidfile } from './files/pidfile.ts';
import { Memory } from './memory.ts';
import { type Health, toHealth } from './process/health.ts';
import { judge, type Verdict } from './process/identity.ts';
import type { Procfs } from './process/procfs.ts';
import type { Service } from './service.ts';

/** Judges the processes of one service, by its binary and by what is remembered of it. */
export class Judge {
  private constructor(
    readonly binary: Binary,
    readonly memory: Memory,
    private readonly proc: Procfs,
  ) {}

  /** @param hasMemory whether what was seen of the service is to be used */
  static async of(service: Service, hasMemory: boolean, proc: Procfs, environment: NodeJS.ProcessEnv): Promise<Judge> {
    const memory = hasMemory ? await Memory.recall(service.pidfile, environment, proc) : Memory.none(proc);
    return new Judge(new Binary(service.binfile, environment.PATH), memory, proc);
  }

  /** The verdict on a PID by itself, whatever names it. */
  readonly one = (pid: number): Verdict => judge(pid, this.binary, this.proc);

  /** The verdicts on the PIDs of a pidfile, in its order. */
  all(pidfile: Pidfile): Verdict[] {
    return pidfile.pids.map((pid) => this.memory.correct(this.one(pid), pidfile));
  }

  /** The state of the service that has the PIDs of a pidfile. */
  health(pidfile: Pidfile): Health {
    return toHealth(this.all(pidfile));
  }
}
