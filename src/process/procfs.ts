import { type BigIntStats, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { cannotTell } from '../exit.ts';
import { PROCFS_TYPE } from '../files/symlinks.ts';
import { because } from '../log/reasons.ts';
import { Environments } from './environments.ts';
import { attempt, Reader, type Reading } from './reader.ts';
import { hasExited, type ProcessStat, parseStat } from './stat.ts';
import { BLOCKED_MS, runTool, TIMED_OUT } from './tool.ts';

/** One read gives at most a page of a list of children, 4096 bytes on most machines. */
const COMPLETE_BYTES = 2048;

/** What hidepid=1 answers for processes of other users (proc(5)). */
const HIDDEN = ['EACCES', 'EPERM'];

export interface Process extends ProcessStat {
  readonly pid: number;
}

/** The only reader of /proc. */
export class Procfs {
  readonly #root: string;
  readonly #files: Reader;
  readonly #environments: Environments;
  /** whether the file system of a directory answers */
  readonly #answering = new Map<string, boolean>();

  /** @param root where procfs is mounted */
  constructor(root = '/proc') {
    this.#root = root;
    this.#files = new Reader(root);
    this.#environments = new Environments(root);
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

  /**
   * Whether the file system of the running binary answers within two seconds: if not, exeFile waits for ever. Another
   * program tries that first. What it finds out counts for the directory of the binary, as long as this object lives.
   *
   * @param path of the binary
   */
  async isAnswering(task: string, path: string): Promise<boolean> {
    const directory = dirname(path);
    const known = this.#answering.get(directory);
    if (known !== undefined) return known;
    const { status, errno } = await runTool('stat', ['-L', `${this.#root}/${task}/exe`], { timeout: BLOCKED_MS });
    const answers = errno !== TIMED_OUT;
    // If it failed, the process may have exited: that says nothing of the file system.
    if (!answers || status === 0) this.#answering.set(directory, answers);
    return answers;
  }

  /**
   * argv[0]; empty for a zombie and a kernel thread. The read waits for the memory of the process, which may be locked
   * for ever: hence another program reads it, for two seconds at most.
   */
  async argv0(task: string): Promise<Reading<string>> {
    const path = `${this.#root}/${task}/cmdline`;
    const { status, stdout, errno } = await runTool('head', ['-c', '4096', path], { timeout: BLOCKED_MS });
    if (status === undefined && errno !== TIMED_OUT) throw cannotTell(because.argv0NotReadable(errno ?? 'unknown'));
    if (status === undefined) return { kind: 'refused', errno: TIMED_OUT };
    if (status !== 0) return this.exe(task).kind === 'absent' ? { kind: 'absent' } : { kind: 'refused', errno: 'EIO' };
    const bytes = Buffer.from(stdout.split('\0', 1)[0] ?? '', 'latin1');
    return { kind: 'read', value: bytes.toString('utf8') };
  }

  /**
   * Those of the processes that have a string in their environment, as far as this user can read it.
   *
   * @throws Exit as Environments does
   */
  async withEnvironment(pids: readonly number[], text: string): Promise<number[]> {
    const found = await this.textsIn(pids, [text]);
    return pids.filter((pid) => found.has(`${pid} ${text}`));
  }

  /** As Environments has it. */
  protected textsIn(pids: readonly number[], texts: readonly string[]): Promise<Set<string>> {
    return this.#environments.textsIn(pids, texts);
  }

  /**
   * All processes, by PID; threads and zombies are left out, and those that hidepid hides.
   *
   * @throws Exit (cannotTell) when one may be missing for any other reason
   */
  processes(): Process[] {
    const listing = this.#files.list('');
    if (listing.kind !== 'read')
      throw cannotTell(because.notListed(listing.kind === 'refused' ? listing.errno : 'ENOENT'));
    const pids = listing.value.map(Number).filter((pid) => pid > 0);
    return pids
      .sort((one, other) => one - other)
      .flatMap((pid) => {
        const stat = this.stat(pid);
        if (stat.kind === 'refused' && !HIDDEN.includes(stat.errno))
          throw cannotTell(because.notFound(pid, stat.errno));
        return stat.kind === 'read' && !hasExited(stat.value) ? [{ pid, ...stat.value }] : [];
      });
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

  /** The soft limit on the size of a core, as /proc/PID/limits has it. */
  coreLimit(pid: number): string | undefined {
    const reading = this.#files.head(`${pid}/limits`);
    return reading.kind === 'read' ? /^Max core file size +(\S+)/m.exec(reading.value)?.[1] : undefined;
  }

  /** Where cores go (core(5)); undefined where that cannot be read. */
  corePattern(): string | undefined {
    const reading = this.#files.head('sys/kernel/core_pattern');
    return reading.kind === 'read' ? reading.value : undefined;
  }

  /** Whether the kernel appends the PID to the name of a core: kernel.core_uses_pid. */
  hasCoreNamePid(): boolean {
    const reading = this.#files.head('sys/kernel/core_uses_pid');
    return reading.kind === 'read' && Number(reading.value) !== 0;
  }

  workingDirectory(pid: number): Reading<string> {
    return this.#files.link(`${pid}/cwd`);
  }

  /** What `/` means for a process (chroot(2)). */
  rootDirectory(pid: number): Reading<string> {
    return this.#files.link(`${pid}/root`);
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
