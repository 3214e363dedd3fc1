import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { until } from '../../../test/support/wait.ts';

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  DEBIAN_FRONTEND: 'noninteractive',
};

/** A shell script that enters a control group and namespaces. Its arguments: the root, the control group, what to run there. */
const ENTER_SYSTEMD = `
  echo $$ >"$1/cgroup.procs"
  exec unshare --cgroup --pid --fork --kill-child --mount --net sh -c "$2" "$0"`;

/** What systemd wants to find. The settings of the kernel are those of this machine: they must not be written. */
const BOOT_SYSTEMD = `
  mount --bind "$0" "$0"
  mount -t proc proc "$0/proc"
  mount --bind -o ro "$0/proc/sys" "$0/proc/sys"
  mount -t sysfs -o ro sysfs "$0/sys"
  mount -t cgroup2 cgroup2 "$0/sys/fs/cgroup"
  mount -t tmpfs tmpfs "$0/run"
  exec chroot "$0" env container=other /lib/systemd/systemd --log-target=journal --unit=basic.target`;

/** A new Debian in a directory: the minimal one, with cron, nginx and systemd, without Node. */
export class Box {
  readonly root = mkdtempSync(join(tmpdir(), 'sipwd-box-'));
  #stop: (() => Promise<unknown>) | undefined;
  #cgroup: string | undefined;

  /** Downloads Debian: it takes a while. */
  static new(): Box {
    const box = new Box();
    // A crash of the machine must not matter: dpkg would wait for the disk after each file.
    box.write('/etc/dpkg/dpkg.cfg.d/unsafe-io', 'force-unsafe-io\n');
    const suite = execFileSync('sh', ['-c', '. /etc/os-release && echo "$VERSION_CODENAME"'], { encoding: 'utf8' });
    const options = ['--variant=minbase', '--include=cron,nginx-light,systemd-sysv', suite.trim(), box.root];
    execFileSync('debootstrap', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    return box;
  }

  copy(): Box {
    const box = new Box();
    execFileSync('cp', ['-a', `${this.root}/.`, box.root]);
    return box;
  }

  at = (path: string): string => join(this.root, path);

  write(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content, { mode });
  }

  read(path: string): string {
    return existsSync(this.at(path)) ? readFileSync(this.at(path), 'utf8') : '';
  }

  /** Runs a command in it alone: it sees no other process, and no network. */
  async run(...command: readonly string[]) {
    const { exitCode, all } = await execa('unshare', [...this.#alone, ...command], {
      ...{ env: ENVIRONMENT, extendEnv: false },
      ...{ stdin: 'ignore', all: true, reject: false },
    });
    return { status: exitCode, said: all };
  }

  /** Runs a command of the package tools, which must succeed. */
  async apt(...args: readonly string[]): Promise<void> {
    const { status, said } = await this.run('apt-get', '-qq', '-y', '-o', 'Dpkg::Use-Pty=0', ...args);
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')}: ${said}`);
  }

  /** Starts a shell script as PID 1 of this Debian. Returns how to run commands beside it. */
  boot(script: string) {
    return this.#boot('unshare', [...this.#alone, 'sh', '-c', script]);
  }

  /** Starts systemd as PID 1, with a part of the machine's control groups. */
  bootSystemd() {
    const [, cgroups] = / (\S+) cgroup2 /.exec(readFileSync('/proc/mounts', 'utf8')) ?? [];
    if (cgroups === undefined) throw new Error('no cgroup2 is mounted');
    this.#cgroup = join(cgroups, basename(this.root));
    mkdirSync(this.#cgroup);
    return this.#boot('sh', ['-c', ENTER_SYSTEMD, this.root, this.#cgroup, BOOT_SYSTEMD]);
  }

  async #boot(file: string, args: readonly string[]) {
    const options = { env: ENVIRONMENT, extendEnv: false, stdio: 'ignore', reject: false } as const;
    const outside = execa(file, args, options);
    this.#stop = () => {
      outside.kill('SIGKILL');
      return outside;
    };
    const children = `/proc/${outside.pid}/task/${outside.pid}/children`;
    const pid = await until('PID 1 runs', () => Number(readFileSync(children, 'utf8').trim()));
    const enter = [`--target=${pid}`, '--pid', '--mount', '--net', '--cgroup', '--root', '--wd'];
    return async (...command: readonly string[]) => {
      const { exitCode, stdout } = await execa('nsenter', [...enter, ...command], {
        ...{ env: ENVIRONMENT, extendEnv: false, stdin: 'ignore', reject: false },
      });
      return { status: exitCode, stdout };
    };
  }

  async end(): Promise<void> {
    await this.#stop?.();
    rmSync(this.root, { recursive: true, force: true });
    if (this.#cgroup === undefined) return;
    const remove = [this.#cgroup, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+'];
    await until(
      'no process is in the control group',
      async () => (await execa('find', remove, { reject: false })).exitCode === 0,
    );
  }

  get #alone(): string[] {
    return ['--pid', '--fork', '--kill-child', '--net', '--mount-proc', `--root=${this.root}`];
  }
}
