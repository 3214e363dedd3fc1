import pLimit from 'p-limit';
import type { Service } from '../args/service.ts';
import type { Action, Plan } from '../decide.ts';
import { Binary } from '../files/binary.ts';
import type { Lock } from '../files/lock.ts';
import type { Pidfile } from '../files/pidfile.ts';
import type { Link } from '../files/symlinks.ts';
import { carefulVerdictOn } from '../process/match.ts';
import type { Procfs } from '../process/procfs.ts';
import type { Context } from '../service/context.ts';
import type { Health } from '../service/health.ts';
import { TICKS_PER_SECOND } from '../service/members.ts';
import type { Observation } from '../service/observation.ts';
import { SnapshotFile } from '../service/snapshot-file.ts';
import { ageOf, describe, type ReportedProcess } from './describe.ts';
import { warningsFor } from './warnings.ts';

/** An observation and its plan in the form of `--json`, which docs/dry-run.md describes. */
export interface Report {
  readonly service: Omit<Service, 'forceRestartFile' | 'settings'> & { readonly forceRestartFile: string | null };
  readonly enabled: boolean;
  readonly state: 'disabled' | Health['kind'];
  /** ISO 8601, UTC; null: not known */
  readonly lastStart: string | null;
  /** what a repair would meet if the service died now */
  readonly warnings: readonly string[];
  /** null: absent; mode in octal, age in seconds; link: another user's link on the way to it */
  readonly pidfile: {
    readonly pids: number;
    readonly uid: number;
    readonly gid: number;
    readonly mode: string;
    readonly age: number;
    readonly link: Link | null;
  } | null;
  /** why a disabled service could not be checked */
  readonly problem: string | null;
  /** the files that `<binfile>` resolves to; null when that cannot be checked */
  readonly resolved: readonly string[] | null;
  /** those that the pidfile names, then all others of the service */
  readonly processes: readonly ReportedProcess[];
  readonly forceRestart: 'absent' | 'present' | 'ignored';
  readonly lock: {
    readonly path: string;
    readonly holder: { pid: number; uptime: number | null } | null;
    /** a start command of an earlier run that still runs */
    readonly command: { pid: number; uptime: number | null } | null;
    /** why the lock cannot be taken, or the runfile is locked instead */
    readonly problem: string | null;
  };
  /** the file that stops all repairs; null: there is none */
  readonly hold: string | null;
  readonly backoff: {
    /** starts that failed in a row */
    readonly failures: number;
    /** ISO 8601, UTC; null: there is no pause */
    readonly pausedUntil: string | null;
  };
  readonly plan: Pick<Plan, 'kind' | 'why' | 'status'> & {
    readonly actions: readonly ReportedAction[];
  };
}

export type ReportedAction =
  | Exclude<Action, { kind: 'signal' }>
  | {
      readonly kind: 'signal';
      readonly signals: readonly string[];
      readonly pids: readonly number[];
      /** seconds until SIGKILL */
      readonly killAfter: number;
    };

/** @param problem why a disabled service could not be checked */
export async function toReport(
  seen: Observation,
  plan: Plan,
  problem: string | null,
  context: Context,
): Promise<Report> {
  const { proc, environment } = context;
  const { settings: _, forceRestartFile = null, ...service } = seen.service;
  const binary = new Binary(service.binfile, environment.PATH);
  return {
    service: { ...service, forceRestartFile },
    enabled: seen.isEnabled,
    state: seen.isEnabled ? seen.health.kind : 'disabled',
    lastStart: lastStartOf(seen.service, context),
    warnings: await warningsFor(seen, context),
    pidfile: describePidfile(seen.pidfile),
    problem,
    resolved: binary.paths ?? null,
    processes: await describeAll(seen, binary, proc),
    forceRestart: seen.forceFile.kind,
    lock: describeLock(seen.lock, proc),
    hold: seen.hold?.path ?? null,
    backoff: describeBackoff(seen),
    plan: {
      kind: plan.kind,
      why: plan.why,
      actions: plan.actions.map(describeAction),
      status: plan.status,
    },
  };
}

/** For each process, a program reads argv[0]: so many run at once. */
const AT_ONCE = 16;

async function describeAll(
  { verdicts, members }: Observation,
  binary: Binary,
  proc: Procfs,
): Promise<ReportedProcess[]> {
  const listed = new Set(verdicts.map(({ pid }) => pid));
  const unlisted = members.filter(({ pid }) => !listed.has(pid));
  const jobs = [
    ...verdicts.map((verdict) => () => {
      const belongs = members.find(({ pid }) => pid === verdict.pid)?.evidence ?? null;
      return describe(verdict, { belongs, role: 'main' }, proc);
    }),
    ...unlisted.map((member) => async () => {
      const belongs = { belongs: member.evidence, role: member.isMain ? 'main' : 'worker' } as const;
      return describe(await carefulVerdictOn(member.pid, binary, proc, member), belongs, proc);
    }),
  ];
  const atOnce = pLimit(AT_ONCE);
  return Promise.all(jobs.map((job) => atOnce(job)));
}

function lastStartOf({ pidfile, settings }: Service, { proc, directories }: Context): string | null {
  if (settings.snapshot === 'none') return null;
  const began = new SnapshotFile(pidfile, proc.bootId(), directories).snapshot?.start?.began;
  const now = proc.uptime();
  if (began === undefined || now === undefined) return null;
  return new Date(Date.now() - (now - began / TICKS_PER_SECOND) * 1000).toISOString();
}

function describePidfile({ pids, access }: Pidfile): Report['pidfile'] {
  if (access === undefined) return null;
  const { uid, gid, mode, mtimeMs, link = null } = access;
  const age = Math.max(0, Math.round((Date.now() - mtimeMs) / 1000));
  return { pids: pids.length, uid, gid, mode: (mode & 0o7777).toString(8).padStart(4, '0'), age, link };
}

function describeLock(lock: Lock | undefined, proc: Procfs): Report['lock'] {
  const holder = lock?.kind === 'held' ? (lock.holder ?? null) : null;
  return {
    path: lock?.path ?? '',
    holder: holder === null ? null : { pid: holder, uptime: ageOf(holder, proc) },
    command: lock?.kind === 'starting' ? { pid: lock.command, uptime: ageOf(lock.command, proc) } : null,
    problem: lock?.kind === 'not available' ? lock.problem : lock?.kind === 'free' ? (lock.instead ?? null) : null,
  };
}

function describeBackoff({ failures, pause }: Observation): Report['backoff'] {
  return { failures, pausedUntil: pause === undefined ? null : new Date(pause.endsAt).toISOString() };
}

function describeAction(action: Action): ReportedAction {
  if (action.kind !== 'signal') return action;
  const { kind, signal, processes, timeout } = action;
  return { kind, signals: [signal, 'SIGCONT'], pids: processes.map(({ pid }) => pid), killAfter: timeout / 1000 };
}
