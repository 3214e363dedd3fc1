import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { quoted } from './caller.ts';
import type { TestService } from './service.ts';
import { isStandalone, PROGRAM } from './sipwd.ts';

export interface Probed {
  /** all but the descriptors */
  readonly state: string;
  readonly descriptors: readonly string[];
}

/**
 * Everything that a process inherits, as text. The signals come first: dash clears the mask when it forks. The subshell
 * leaves the descriptors of the shell unchanged.
 */
const PROBE = `
while read -r each; do
  case $each in *Pnd:* | SigBlk:* | SigIgn:* | SigCgt:*) echo "$each" ;; esac
done </proc/self/status >"$PROBED"
(
  env -0 | sort -z | tr '\\0' '\\n'
  readlink /proc/self/cwd; umask; nice
  for each in 0 1 2; do readlink /proc/$$/fd/$each; grep flags /proc/$$/fdinfo/$each; done
  cat /proc/self/limits /proc/self/cgroup /proc/self/oom_score_adj
  grep -E '^(SigIgn|Cap|NoNew|Seccomp|Groups|[UG]id|Cpus_allowed:)' /proc/self/status
  cut -d ' ' -f 5-7 /proc/self/stat
  echo descriptors; ls /proc/self/fd
) >>"$PROBED"; true`;

/**
 * The output of the probe. The caller is a shell that prepares something and then becomes the program under test. The
 * standalone program reads some of it from its parent, so for that one the shell stays.
 */
function probe(service: TestService, setUp: string, by: string): Probed {
  const probed = service.path('probed');
  rmSync(probed, { force: true });
  const stdio = [openSync('/etc/passwd', 'r'), openSync(service.path('log'), 'a'), openSync('/dev/null', 'w')];
  const { HOME, PATH } = process.env;
  const env = { HOME, LOGNAME: 'root', PATH, PROBE, PROBED: probed, SHELL: '/bin/sh', SIPLOG_BEND: 'none' };
  spawnSync('/bin/sh', ['-c', `${setUp}\n${isStandalone ? `${by}; exit` : `exec ${by}`}`], {
    stdio,
    env,
    cwd: service.dir,
  });
  for (const descriptor of stdio) closeSync(descriptor);
  const [state = '', descriptors = ''] = readFileSync(probed, 'latin1').split('descriptors\n');
  return { state, descriptors: descriptors.split('\n') };
}

/** The cookie of the start is the only variable that sipwd adds. */
function withoutCookie({ state, descriptors }: Probed): Probed {
  const [before, after, ...others] = state.split(/^SIPWD_COOKIE=[0-9a-f]{32}\n/m);
  if (after === undefined || others.length > 0) throw new Error(`there is not one cookie in ${state}`);
  return { state: `${before}${after}`, descriptors };
}

/** The output for `sh -c`, and for sipwd in its place; `prefix` is a program that runs them with a change. */
export function probeBoth(service: TestService, setUp: string, prefix: string) {
  const [runfile, binfile, pidfile] = service.args.map(quoted);
  const args = `--start-timeout 0 ${runfile} ${binfile} ${pidfile} "$PROBE"`;
  return {
    bySh: probe(service, setUp, `${prefix} /bin/sh -c "$PROBE"`),
    bySipwd: withoutCookie(probe(service, setUp, `${prefix} ${quoted(PROGRAM)} ${args}`)),
  };
}
