import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start, startAs } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';
import { isRoot } from '../../support/user.ts';
import type { Aim, Scene } from './table.ts';

export interface Stage {
  readonly service: TestService;
  /** the one process of the service */
  readonly left: number;
  readonly stranger: number;
  readonly bystander: number;
}

const PREPARE: Readonly<Record<Scene, (stage: Stage) => unknown>> = {
  healthy: ({ service, left }) => service.writePids(left),
  remembered: ({ service, left }) => {
    service.writePids(left);
    return sipwd(service.args, { env: { XDG_RUNTIME_DIR: service.dir } });
  },
  rest: ({ service, left, stranger }) => service.writePids(left, stranger),
  deaf: ({ service, left, stranger }) => service.writePids(left, stranger),
  forced: ({ service, left }) => {
    service.writePids(left);
    writeFileSync(service.forceFile, '');
  },
  'by its link': ({ service, left }) => service.writePids(left),
  'by its argv[0]': ({ service, left }) => service.writePids(left),
};

/** Starts what the scene is about: a process that is told by its binary, by a link to it, or by its first argument. */
async function startService(scene: Scene, service: TestService): Promise<number> {
  if (scene === 'by its argv[0]') return start('/bin/sleep', ['1000'], { argv0: service.binfile }).pid;
  if (scene === 'by its link') {
    renameSync(service.binfile, service.path('versioned'));
    symlinkSync('versioned', service.binfile);
    return startAs(`exec ${service.path('versioned')} 1000`, 'versioned');
  }
  const deaf = scene === 'deaf' ? `trap '' TERM; ` : '';
  return startAs(`${deaf}exec ${service.binfile} 1000`, service.name);
}

export async function setUp(scene: Scene): Promise<Stage> {
  const service = testService();
  const left = await startService(scene, service);
  const bystander = start(service.binfile, ['1000']).pid;
  const stage = { service, left, stranger: start('/bin/sleep', ['1000']).pid, bystander };
  await PREPARE[scene](stage);
  return stage;
}

/** The paths where a fault strikes. A `$$` in one is the PID of sipwd. */
export function pathsOf(aim: Aim, { service, left, stranger }: Stage): string[] {
  const folder = isRoot ? '/run/sipwd' : service.path('sipwd');
  const name = encodeURIComponent(service.pidfile);
  const paths: Readonly<Record<Aim, string | string[]>> = {
    node: (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'node')),
    program: join(PROGRAM, '../../dist/cli.cjs'),
    runfile: service.runfile,
    binfile: service.binfile,
    pidfile: service.pidfile,
    force: service.forceFile,
    exe: `/proc/${left}/exe`,
    stat: `/proc/${left}/stat`,
    status: `/proc/${left}/status`,
    cmdline: `/proc/${left}/cmdline`,
    "stranger's cmdline": `/proc/${stranger}/cmdline`,
    'own limits': '/proc/$$/limits',
    'lock folder': folder,
    lock: `${folder}/${name}.lock`,
    record: `${folder}/${name}.seen`,
    'draft of the record': `${folder}/${name}.seen.$$`,
    'boot id': '/proc/sys/kernel/random/boot_id',
    children: `/proc/${left}/task/${left}/children`,
    self: '/proc/self',
    descriptors: Array.from({ length: 90 }, (_, number) => `/proc/self/fd/${number + 10}`),
    stderr: service.path('said'),
    logfile: service.path('log'),
    procfs: '/proc',
    flock: ['/usr/bin/flock', '/bin/flock'],
    shell: '/bin/sh',
    cwd: '/proc/self/cwd',
    siplog: join(PROGRAM, '../../dist/siplog.js'),
    repair: join(PROGRAM, '../../dist/repair.js'),
  };
  return [paths[aim]].flat();
}
