import { type BigIntStats, statfsSync, statSync } from 'node:fs';
import { attempt, Reader, type Reading } from './reader.ts';
import { type ProcessStat, parseStat } from './stat.ts';

/** statfs(2): PROC_SUPER_MAGIC */
const PROCFS_TYPE = 0x9fa0;

/** One read gives at most a page of a list of children, 4096 bytes on most machines. */
const COMPLETE_BYTES = 2048;

/** The only reader of /proc. */
export class Procfs {
  readonly #root: string;
  readonly #files: Reader;

  /** @param root where procfs is mounted */
  constructor(root = '/proc') {
    this.#root = root;
    this.#files = new Reader(root);
  }

  isMounted(): boolean {
    try {
      return statfsSync(this.#root).type === PROCFS_TYPE;
    } catch {
      return false;
    }
  }

  /** Whether it belongs to the PID namespace of this process: in another one, a PID is another process. */
  isOurs(): boolean {
    const self = this.#files.link('self');
    return self.kind === 'read' && self.value === String(process.pid);
  }

  statLine(pid: number): Reading<string> {
    return this.#files.head(`${pid}/stat`);
  }

  stat(pid: number): Reading<ProcessStat> {
    const reading = this.statLine(pid);
    if (reading.kind !== 'read') return reading;
    const value = parseStat(reading.value);
    return value === undefined ? { kind: 'refused', errno: 'not a stat line' } : { kind: 'read', value };
  }

  /** The path of the running binary; the kernel appends ` (deleted)` when it was unlinked. */
  exe(task: string): Reading<string> {
    return this.#files.link(`${task}/exe`);
  }

  /** The running binary itself, even if it was unlinked or is in another mount namespace. */
  exeFile(task: string): Reading<BigIntStats> {
    return attempt(() => statSync(`${this.#root}/${task}/exe`, { bigint: true }));
  }

  /** argv[0]; empty for a zombie and a kernel thread. */
  argv0(task: string): Reading<string> {
    const reading = this.#files.head(`${task}/cmdline`);
    if (reading.kind !== 'read') return reading;
    const bytes = Buffer.from(reading.value.split('\0', 1)[0] ?? '', 'latin1');
    return { kind: 'read', value: bytes.toString('utf8') };
  }

  /**
   * Whether the process is dumping core, or may be: `CoreDumping` in /proc/PID/status, since Linux 4.15. If that cannot
   * be read, the core is not cut short.
   */
  isDumpingCore(pid: number): boolean {
    const reading = this.#files.head(`${pid}/status`);
    if (reading.kind === 'refused') return true;
    return reading.kind === 'read' && statusField(reading.value, 'CoreDumping') === '1';
  }

  /** The children of all threads of a process; none where the kernel was built without CONFIG_PROC_CHILDREN. */
  children(pid: number, threads?: number): number[] {
    if (threads === 1) return this.#childrenOf(`${pid}/task/${pid}`);
    return this.#files.names(`${pid}/task`).flatMap((tid) => this.#childrenOf(`${pid}/task/${tid}`));
  }

  /** Identifies this boot; undefined where it cannot be read. */
  bootId(): string | undefined {
    const reading = this.#files.head('sys/kernel/random/boot_id');
    return reading.kind === 'read' ? reading.value.trim() : undefined;
  }

  /** Seconds since boot; undefined where that cannot be read. */
  uptime(): number | undefined {
    const reading = this.#files.head('uptime');
    return reading.kind === 'read' ? Number.parseFloat(reading.value) : undefined;
  }

  /** Whether a process has a file open. */
  hasOpen(pid: number, path: string): boolean {
    return this.#files.names(`${pid}/fd`).some((each) => {
      const link = this.#files.link(`${pid}/fd/${each}`);
      return link.kind === 'read' && link.value === path;
    });
  }

  /** The real user id of a process. */
  realUid(pid: number): Reading<number> {
    const reading = this.#files.head(`${pid}/status`);
    if (reading.kind !== 'read') return reading;
    const uid = /^\d+/.exec(statusField(reading.value, 'Uid') ?? '')?.[0];
    return uid === undefined ? { kind: 'refused', errno: 'no Uid' } : { kind: 'read', value: Number(uid) };
  }

  /** A thread of the process that still runs, as `PID/task/TID`. */
  liveThread(pid: number): string | undefined {
    const tasks = this.#files.names(`${pid}/task`).map((tid) => `${pid}/task/${tid}`);
    return tasks.find((task) => this.exe(task).kind === 'read');
  }

  /** The limits on open files of a process, as /proc/PID/limits has them. */
  openFiles(pid: number): { soft: string; hard: string } | undefined {
    const reading = this.#files.head(`${pid}/limits`);
    const [, soft, hard] = (reading.kind === 'read' && /^Max open files +(\d+) +(\d+)/m.exec(reading.value)) || [];
    return soft === undefined || hard === undefined ? undefined : { soft, hard };
  }

  /** The environment that a process was started with, as `NAME=value`, one byte a character. */
  environment(pid: number): Reading<string[]> {
    const reading = this.#files.whole(`${pid}/environ`);
    return reading.kind === 'read' ? { kind: 'read', value: reading.value.split('\0') } : reading;
  }

  #childrenOf(task: string): number[] {
    const head = this.#files.head(`${task}/children`);
    if (head.kind !== 'read' || head.value === '') return [];
    const all = head.value.length < COMPLETE_BYTES ? head : this.#files.whole(`${task}/children`);
    return all.kind === 'read' ? all.value.trim().split(' ').map(Number) : [];
  }
}

/** Only a line feed ends a line: the name of a process may contain a CR. */
function statusField(status: string, field: string): string | undefined {
  const start = `${field}:\t`;
  return status
    .split('\n')
    .find((line) => line.startsWith(start))
    ?.slice(start.length);
}
