import { readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EXIT } from '../../../src/exit.ts';
import { stateDirectory, stateName } from '../../../src/files/state-dir.ts';
import { familyOf, kill } from '../../support/family.ts';
import { start, startSleeper } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';
import type { Aim, Scene } from './table.ts';

export interface Stage {
  readonly service: TestService;
  /** the one process of the service */
  readonly left: number;
  readonly stranger: number;
  readonly bystander: number;
}

const DOWN: Scene = 'a service that is down, with a child of another program';

/** Writes the files of a scene. */
function prepare(scene: Scene, { service, left, stranger }: Stage): unknown {
  const { forceFile, args } = service;
  if (scene === 'a start that is not confirmed') return undefined;
  service.writePids(left, ...(scene.includes('one process left') ? [stranger] : []));
  if (scene === 'a healthy service with a snapshot') return sipwd(args, { env: { XDG_RUNTIME_DIR: service.dir } });
  if (scene === DOWN) return kill([left]);
  if (scene === 'a forced restart') return writeFileSync(forceFile, '');
  return undefined;
}

/** Starts the process of the service. */
async function startService(scene: Scene, service: TestService): Promise<number> {
  if (scene === 'a process that matches by argv[0]') {
    return start('/bin/sleep', ['1000'], { argv0: service.binfile }).pid;
  }
  if (scene === 'a process that matches by a symbolic link') {
    renameSync(service.binfile, service.path('versioned'));
    symlinkSync('versioned', service.binfile);
    return startSleeper(service.path('versioned'));
  }
  if (scene === 'a start that is not confirmed') {
    // The service writes no pidfile.
    const command = service.uncountedCommand.replace(/ & .*/, ' &');
    const [runfile, binfile, pidfile] = service.args;
    const options = ['--start-timeout', '0.1'];
    const { status, stderr } = await sipwd([...options, runfile, binfile, pidfile, command]);
    const [pid] = service.processes;
    if (status !== EXIT.startFailed || pid === undefined) throw new Error(`a start that is confirmed: ${stderr}`);
    return pid;
  }
  if (scene === DOWN) {
    return startSleeper(service.binfile, `${service.copy('/bin/sleep', 'child')} 1000 & :`, { detached: true });
  }
  return startSleeper(service.binfile, scene.includes('ignores SIGTERM') ? `trap '' TERM` : ':');
}

export async function setUp(scene: Scene): Promise<Stage> {
  const service = testService();
  const left = await startService(scene, service);
  const bystander = start(service.binfile, ['1000']).pid;
  const [, child = 0] = familyOf(left);
  const stranger = scene === DOWN ? child : start('/bin/sleep', ['1000']).pid;
  const stage = { service, left, stranger, bystander };
  await prepare(scene, stage);
  return stage;
}

/** Some runtimes leave more of the low numbers free than others. */
const DESCRIPTORS = Array.from({ length: 97 }, (_, number) => `/proc/self/fd/${number + 3}`);

/** A file, as sipwd reaches it: by its path, or in a directory that it holds open. */
function reached(path: string): string[] {
  return [path, ...DESCRIPTORS.map((descriptor) => `${descriptor}/${basename(path)}`)];
}

/** The paths that a fault hits. `$$` stands for the PID of sipwd. */
export function pathsOf(aim: Aim, { service, left, stranger }: Stage): string[] {
  const state = stateDirectory();
  const file = `${state}/${stateName(service.pidfile)}`;
  const dist = join(PROGRAM, '../../dist');
  const paths: Readonly<Record<Aim, string | string[]>> = {
    node: (process.env.PATH ?? '').split(':').map((directory) => join(directory, 'node')),
    program: join(dist, 'main.js'),
    'late part': join(dist, latePart(dist)),
    runfile: service.runfile,
    binfile: service.binfile,
    pidfile: service.pidfile,
    'force-restart file': reached(service.forceFile),
    exe: `/proc/${left}/exe`,
    stat: `/proc/${left}/stat`,
    status: `/proc/${left}/status`,
    cmdline: `/proc/${left}/cmdline`,
    "stranger's cmdline": `/proc/${stranger}/cmdline`,
    "stranger's exe": `/proc/${stranger}/exe`,
    'own limits': '/proc/$$/limits',
    'state directory': state,
    lock: `${file}.lock`,
    snapshot: `${file}.snapshot`,
    'temporary snapshot': `${file}.snapshot.$$`,
    'boot ID': '/proc/sys/kernel/random/boot_id',
    children: `/proc/${left}/task/${left}/children`,
    self: '/proc/self',
    descriptors: [...DESCRIPTORS],
    stderr: service.path('said'),
    logfile: reached(service.path('log')),
    procfs: ['/proc', '/proc/'],
    locks: [`${file}.lock`, service.runfile],
    uptime: '/proc/uptime',
    ...{ flock: tool('flock'), grep: tool('grep'), head: tool('head') },
    shell: '/bin/sh',
  };
  return [paths[aim]].flat();
}

/** Where a program of the system may be. */
function tool(name: string): string[] {
  return [`/usr/bin/${name}`, `/bin/${name}`];
}

/** The file that a run loads when it has something to do. */
function latePart(dist: string): string {
  for (const file of readdirSync(dist).filter((each) => each.endsWith('.js'))) {
    const [, name] = /takeLock.* require\("\.\/(late-\w+\.js)"\)/.exec(readFileSync(join(dist, file), 'utf8')) ?? [];
    if (name !== undefined) return name;
  }
  throw new Error('nothing in dist loads the late part');
}
