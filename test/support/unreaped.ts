import { readFileSync } from 'node:fs';
import { afterEachTest } from './ends.ts';
import { familyOf } from './family.ts';
import { endProcesses, startAs } from './process.ts';
import { PROGRAM } from './sipwd.ts';
import { until } from './wait.ts';

afterEachTest(endProcesses);

/** A PID namespace whose first process never reaps, as in many containers: what is killed there stays a zombie. */
export class Unreaped {
  private constructor(readonly first: number) {}

  static async make(): Promise<Unreaped> {
    const outer = await startAs('exec unshare --pid --fork --mount-proc --kill-child sleep 1000', 'unshare');
    return new Unreaped(await until('its first process runs', () => familyOf(outer)[1]));
  }

  /** Runs a program in it. */
  get runner(): string[] {
    return ['nsenter', '--target', String(this.first), '--pid', '--mount'];
  }

  /** Runs sipwd in it. */
  get program(): string[] {
    return [...this.runner, PROGRAM];
  }

  /** The PID here of a process there. */
  pidHere(pid: number): number {
    const found = familyOf(this.first).find((each) => innerPid(each) === pid);
    if (found === undefined) throw new Error(`there is no PID ${pid} in the namespace`);
    return found;
  }
}

/** The PID of a process in the namespace that it is in. */
function innerPid(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^NSpid:.*\t(\d+)$/m.exec(status)?.[1]);
}
