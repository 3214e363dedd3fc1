import { Binary } from '../files/binary.ts';
import { findForceFile } from '../files/force-file.ts';
import { lockHolder } from '../files/lock.ts';
import type { Pidfile } from '../files/pidfile.ts';
import { whyUntrusted } from '../files/trust.ts';
import { Memory } from '../memory.ts';
import { checkHealth, type Health } from '../process/health.ts';
import { judge, type ProcessId, type Verdict } from '../process/identity.ts';
import type { Procfs } from '../process/procfs.ts';
import type { Service } from '../service.ts';
import type { Settings } from '../settings.ts';
import { isMeantToRun } from '../steps/runfile.ts';
import { verify } from '../steps/verify.ts';
import type { World } from '../watchdog.ts';
import { type Plan, plan } from './plan.ts';

/** What is known of one PID. What could not be read is null. */
export interface InspectedProcess {
  readonly pid: number;
  readonly state: Verdict['kind'];
  /** by which rule it is running, or why it is not */
  readonly evidence: string;
  readonly exe: string | null;
  readonly argv0: string | null;
  readonly uid: number | null;
  /** clock ticks from boot */
  readonly startTime: number | null;
  /** seconds */
  readonly uptime: number | null;
}

/** What a dry run has found, and what a run would do: the form of `--json`. */
export interface Inspection {
  readonly service: Omit<Service, 'forceRestartFile'> & { readonly forceRestartFile: string | null };
  readonly isMeantToRun: boolean;
  /** null when there is none; mode in octal, age in seconds */
  readonly pidfile: { pids: number; uid: number; gid: number; mode: string; age: number } | null;
  /** the files that `<binfile>` resolves to */
  readonly resolved: readonly string[];
  readonly processes: readonly InspectedProcess[];
  readonly survivors: readonly InspectedProcess[];
  readonly forceRestart: 'absent' | 'present' | 'ignored';
  /** the PID of the sipwd at work on this service; null when the lock is free */
  readonly lockHolder: number | null;
  readonly plan: Plan;
}

/** A tick is a hundredth of a second for every program, whatever the kernel's own clock (time(7), USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * Looks at a service, and changes nothing.
 *
 * @throws Failure as a run does when it cannot tell
 */
export async function inspect(service: Service, settings: Settings, world: World): Promise<Inspection> {
  const { proc, environment } = world;
  const binary = new Binary(service.binfile, environment.PATH);
  const judgeOne = (pid: number) => judge(pid, binary, proc);
  const isMeant = isMeantToRun(service.runfile);
  const memory = settings.hasMemory ? await Memory.recall(service.pidfile, environment, proc) : Memory.none(proc);
  const { health, pidfile } = await verify(service.pidfile, proc, (found) =>
    checkHealth(found.pids, (pid) => memory.correct(judgeOne(pid), found)),
  );
  const running = health.kind === 'unknown' ? [] : health.running;
  const survivors = memory.survivors(running, judgeOne);
  const forceRestart = findForceFile(service.forceRestartFile).kind;
  const holder = await lockHolder(service.pidfile, environment, proc);
  return {
    service: { ...service, forceRestartFile: service.forceRestartFile ?? null },
    isMeantToRun: isMeant,
    pidfile: describePidfile(pidfile),
    resolved: binary.resolved.map(({ path }) => path),
    processes: pidfile.pids.map((pid) => describe(memory.correct(judgeOne(pid), pidfile), proc)),
    survivors: survivors.map(({ pid }) => describe(judgeOne(pid), proc)),
    forceRestart,
    lockHolder: holder ?? null,
    plan: plan({
      service,
      settings,
      health,
      survivors,
      isMeantToRun: isMeant,
      isForced: forceRestart === 'present',
      untrusted: whyUntrusted(pidfile, leftOf(health, survivors), proc) ?? memory.whyUntrusted(pidfile, survivors),
      lockHolder: holder,
    }),
  };
}

function leftOf(health: Health, survivors: readonly ProcessId[]): ProcessId[] {
  return [...(health.kind === 'unknown' ? [] : health.running), ...survivors];
}

function describePidfile({ pids, access }: Pidfile): Inspection['pidfile'] {
  if (access === undefined) return null;
  const { uid, gid, mode, mtimeMs } = access;
  const age = Math.max(0, Math.round((Date.now() - mtimeMs) / 1000));
  return { pids: pids.length, uid, gid, mode: (mode & 0o7777).toString(8).padStart(4, '0'), age };
}

function describe(verdict: Verdict, proc: Procfs): InspectedProcess {
  const { pid, kind: state } = verdict;
  const evidence = verdict.kind === 'running' ? verdict.evidence : verdict.why;
  const exe = proc.exe(String(pid));
  const argv0 = proc.argv0(String(pid));
  const uid = proc.realUid(pid);
  const stat = proc.stat(pid);
  const now = proc.uptime();
  const startTime = stat.kind === 'read' ? stat.value.startTime : null;
  return {
    pid,
    state,
    evidence,
    exe: exe.kind === 'read' ? exe.value : null,
    argv0: argv0.kind === 'read' ? argv0.value : null,
    uid: uid.kind === 'read' ? uid.value : null,
    startTime,
    uptime: startTime === null || now === undefined ? null : Math.max(0, now - startTime / TICKS_PER_SECOND),
  };
}
