import { Failure } from '../failure.ts';
import { findForceFile } from '../files/force-file.ts';
import type { Link } from '../files/links.ts';
import { lockState } from '../files/lock.ts';
import type { Pidfile } from '../files/pidfile.ts';
import { whyUntrusted } from '../files/trust.ts';
import { Judge } from '../judge.ts';
import type { World } from '../look.ts';
import { toHealth } from '../process/health.ts';
import type { Verdict } from '../process/identity.ts';
import { isBarred } from '../process/terminate.ts';
import type { Service } from '../service.ts';
import type { Settings } from '../settings.ts';
import { isMeantToRun } from '../steps/runfile.ts';
import { verify } from '../steps/verify.ts';
import { ageOf, describe, type InspectedProcess } from './describe.ts';
import { type Plan, plan } from './plan.ts';

/** What a dry run has found, and what a run would do: the form of `--json`, which the README describes. */
export interface Inspection {
  readonly service: Omit<Service, 'forceRestartFile'> & { readonly forceRestartFile: string | null };
  readonly isMeantToRun: boolean;
  /** null when there is none; mode in octal, age in seconds; link: another user's, by which it was reached */
  readonly pidfile: {
    readonly pids: number;
    readonly uid: number;
    readonly gid: number;
    readonly mode: string;
    readonly age: number;
    readonly link: Link | null;
  } | null;
  /** why the PIDs could not be looked at, of a service that is not meant to run; otherwise that is an error */
  readonly problem: string | null;
  /** the files that `<binfile>` resolves to; null when they cannot be looked at */
  readonly resolved: readonly string[] | null;
  /** those of the pidfile */
  readonly processes: readonly InspectedProcess[];
  /** their workers, on record or present: what would have to exit before a start as well */
  readonly survivors: readonly InspectedProcess[];
  readonly forceRestart: 'absent' | 'present' | 'ignored';
  /** the holder is a sipwd at work on this service; problem: why the lock cannot be taken */
  readonly lock: {
    readonly path: string;
    readonly holder: { pid: number; uptime: number | null } | null;
    readonly problem: string | null;
  };
  readonly plan: Plan;
}

/**
 * Looks at a service, and changes nothing.
 *
 * @throws Failure as a run does when it cannot tell
 */
export async function inspect(service: Service, settings: Settings, world: World): Promise<Inspection> {
  const { proc, environment } = world;
  const judge = await Judge.of(service, settings.hasMemory, proc, environment);
  const isMeant = isMeantToRun(service.runfile);
  let verdicts: readonly Verdict[] = [];
  const check = (pidfile: Pidfile) => {
    verdicts = judge.all(pidfile);
    return toHealth(verdicts);
  };
  let problem: string | null = null;
  const { health, pidfile } = await verify(service.pidfile, proc, check).catch((error: unknown) => {
    // A run looks no further than the absent runfile, so this is no error.
    if (isMeant || !Failure.is(error)) throw error;
    problem = error.message;
    return { health: toHealth([]), pidfile: { path: service.pidfile, pids: [], access: undefined } };
  });
  const running = health.kind === 'unknown' ? [] : health.running;
  const survivors = judge.memory.survivors(pidfile, running, judge.one);
  const forceRestart = findForceFile(service.forceRestartFile).kind;
  const lock = await lockState(service.pidfile, environment, proc);
  return {
    service: { ...service, forceRestartFile: service.forceRestartFile ?? null },
    isMeantToRun: isMeant,
    pidfile: describePidfile(pidfile),
    problem,
    resolved: judge.binary.paths ?? null,
    processes: verdicts.map((verdict) => describe(verdict, proc)),
    survivors: survivors.map(({ pid }) => describe(judge.one(pid), proc)),
    forceRestart,
    lock: {
      path: lock.path,
      holder: lock.holder === undefined ? null : { pid: lock.holder, uptime: ageOf(lock.holder, proc) },
      problem: lock.problem ?? null,
    },
    plan: plan({
      service,
      settings,
      pidfile,
      health,
      survivors,
      isMeantToRun: isMeant,
      isForced: forceRestart === 'present',
      untrusted: whyUntrusted(pidfile, [...running, ...survivors], proc),
      lockHolder: lock.holder,
      unlockable: lock.problem,
      isBarred,
    }),
  };
}

function describePidfile({ pids, access }: Pidfile): Inspection['pidfile'] {
  if (access === undefined) return null;
  const { uid, gid, mode, mtimeMs, link } = access;
  const age = Math.max(0, Math.round((Date.now() - mtimeMs) / 1000));
  return { pids: pids.length, uid, gid, mode: (mode & 0o7777).toString(8).padStart(4, '0'), age, link: link ?? null };
}
