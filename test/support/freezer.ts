import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled } from './caller.ts';
import { whileSet } from './guard.ts';
import { start, stateOf } from './process.ts';
import type { TestService } from './service.ts';
import { isRoot } from './user.ts';
import { until } from './wait.ts';

const TOOLS = ['mkfs.ext4', 'mount', 'fsfreeze'];

const MAKE_DISK = 'truncate -s 1M image && mkfs.ext4 -q -O ^has_journal image && mount -o loop image disk';

/** Whether a file system can be made and mounted: to be frozen. */
export const canFreeze = isRoot && TOOLS.every(isInstalled) && works(`mkdir disk && ${MAKE_DISK}`);
/** What that needs: for the title of a test. */
export const FREEZER = 'root, loop devices and e2fsprogs';

/**
 * A process that matches the binfile of a service, and waits for a file system that is frozen during a call: until then it
 * acts on no signal, not even on SIGKILL.
 */
export function whileStuck<T>(service: TestService, act: (pid: number) => Promise<T>): Promise<T> {
  const place = service.path('disk');
  mkdirSync(place);
  // The process may still be there.
  const undo = `fsfreeze --unfreeze ${place}; umount --lazy ${place}`;
  return whileSet(`cd ${service.dir} && ${MAKE_DISK} && fsfreeze --freeze disk`, undo, async () => {
    mkdirSync(service.path('stuck'));
    const { pid } = start(service.copy('/usr/bin/touch', `stuck/${service.name}`), [`${place}/file`]);
    await until('it waits', () => stateOf(pid) === 'D');
    return act(pid);
  });
}

/** Whether the freezer of cgroup v2 can be used, which is part of it since Linux 5.2. */
export const hasFreezer =
  isRoot &&
  works(
    'mkdir g && mount -t cgroup2 none g && mkdir g/probe-$$ && { [ -e g/probe-$$/cgroup.freeze ]; ok=$?; rmdir g/probe-$$; exit $ok; }',
  );

/** Freezes a process by its cgroup during a call: it acts only on signals that end it. */
export function whileFrozen<T>(service: TestService, pid: number, act: () => Promise<T>): Promise<T> {
  const place = service.path('cgroup');
  const group = `${place}/sipwd-test-${pid}`;
  mkdirSync(place);
  const enter = `mount -t cgroup2 none ${place} && mkdir ${group} && echo ${pid} >${group}/cgroup.procs`;
  const freeze = `echo 1 >${group}/cgroup.freeze && timeout 10 sh -c "until grep -q 'frozen 1' ${group}/cgroup.events; do sleep 0.01; done"`;
  // Only an empty group can be removed.
  const leave = `echo ${pid} >${place}/cgroup.procs; while [ -d ${group} ] && ! rmdir ${group}; do sleep 0.05; done; umount ${place}`;
  return whileSet(`${enter} && ${freeze}`, `echo 0 >${group}/cgroup.freeze; { ${leave}; } 2>/dev/null`, act);
}

/** Whether a script succeeds, in a directory and a mount namespace of its own. */
function works(script: string): boolean {
  const cwd = mkdtempSync(join(tmpdir(), 'sipwd-probe-'));
  try {
    return spawnSync('unshare', ['--mount', '/bin/sh', '-c', script], { cwd, stdio: 'ignore' }).status === 0;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
