// Measures a table of services: beside a shell script, beside a run for each service, beside the reads alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { memory, times } from './measure.mjs';
import { find } from './programs.mjs';

const FEW = 100;
const ALL = 10_000;
const PROCESSES = 1000;
const DOWN = 64;

/** So many services are repaired at once; what else a repair does may take so long. */
const AT_ONCE = 16;
const MARGIN_SECONDS = 3;

const EACH_ROUNDS = 3;

/** At most so many times the time of another program. */
const MOST = { script: 0.25, each: 0.04, growth: 1.1, reads: 4, allReads: 4, megabytes: 120 };

/**
 * The programs; reads and script only where gcc and start-stop-daemon are installed.
 *
 * @param {import('./programs.mjs').Stage} stage
 * @param {string} standalone
 */
function programs(stage, standalone) {
  const services = healthy(stage);
  const tableOf = (name, some) => {
    const lines = some.map(({ runfile, pidfile }) => `${runfile} sleep ${pidfile} 'exit 9'\n`);
    writeFileSync(stage.path(name), lines.join(''));
    return [standalone, '--table', stage.path(name)];
  };
  const [few, ssd, gcc] = [services.slice(0, FEW), find('start-stop-daemon'), find('gcc')];
  const script = (name, commands) => {
    writeFileSync(stage.path(name), commands.map((command) => `${command} || exit 1\n`).join(''));
    return ['/bin/sh', stage.path(name)];
  };
  const sleep = find('sleep');
  const ssdCalls = few.map(({ pidfile }) => `${ssd} --start --oknodo --quiet --pidfile ${pidfile} --exec ${sleep}`);
  const sipwdCalls = few.map(({ runfile, pidfile }) => `${standalone} ${runfile} sleep ${pidfile} 'exit 9'`);
  return {
    few: { what: `a table of ${FEW} healthy services`, call: tableOf('few.tab', few) },
    all: { what: `a table of ${ALL} healthy services`, call: tableOf('all.tab', services) },
    ...(ssd && { script: { what: `a script of ${FEW} × start-stop-daemon`, call: script('ssd.sh', ssdCalls) } }),
    ...(gcc && readers(stage, gcc, services)),
    each: { what: `${FEW} runs of sipwd standalone`, call: script('each.sh', sipwdCalls) },
  };
}

/** Services with pidfiles that name the same processes in turn. */
function healthy(stage) {
  const pids = stage.sleepers(PROCESSES);
  return Array.from({ length: ALL }, (_, index) => {
    const [runfile, pidfile] = [stage.path(`${index}.runs`), stage.path(`${index}.pid`)];
    writeFileSync(runfile, '');
    writeFileSync(pidfile, `${pids[index % PROCESSES]}\n`);
    return { runfile, pidfile };
  });
}

/** The snapshots are where root has them, and exist once the tables were checked. */
function readers(stage, gcc, services) {
  const program = stage.path('reads');
  execFileSync(gcc, ['-O2', '-o', program, fileURLToPath(new URL('reads.c', import.meta.url))]);
  const call = (name, snapshotOf) => {
    const lines = services.map(({ runfile, pidfile }) => `${runfile}\n${pidfile}\n${snapshotOf(pidfile)}\n`);
    writeFileSync(stage.path(name), lines.join(''));
    return [program, stage.path(name)];
  };
  const snapshotOf = (pidfile) => `/run/sipwd/${encodeURIComponent(pidfile)}.snapshot`;
  const isRoot = process.geteuid() === 0;
  return {
    reads: { what: `the reads for ${ALL} services, in C`, call: call('reads.list', () => '') },
    ...(isRoot && { allReads: { what: 'these and snapshot and children, in C', call: call('all.list', snapshotOf) } }),
  };
}

/**
 * The time of a pass over services that are down, each with a worker that needs a second to exit.
 *
 * @returns {number} seconds
 */
function restartAll(stage, standalone) {
  const [crew, fifo] = [stage.copy('/bin/sh', 'crew'), stage.path('fifo')];
  execFileSync('mkfifo', [fifo]);
  writeFileSync(stage.path('worker.sh'), `trap 'sleep 1; exit' TERM; read line <>${fifo}\n`);
  writeFileSync(stage.path('main.sh'), `echo $$ >"$1"; ${crew} ${stage.path('worker.sh')} & wait\n`);
  const pidfiles = Array.from({ length: DOWN }, (_, index) => stage.path(`crew${index}.pid`));
  const lines = pidfiles.map((pidfile) => {
    const command = `${crew} ${stage.path('main.sh')} ${pidfile} </dev/null >/dev/null 2>&1 &`;
    return `${stage.path('runs')} ${crew} ${pidfile} '${command}'\n`;
  });
  writeFileSync(stage.path('down.tab'), lines.join(''));
  const pass = () => {
    const { status, stderr } = spawnSync(standalone, ['--table', stage.path('down.tab')], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`not all services are up: ${stderr}`);
  };
  try {
    // The second pass stores the workers.
    for (let count = 0; count < 2; count++) pass();
    for (const pidfile of pidfiles) process.kill(Number(readFileSync(pidfile, 'utf8')), 'SIGKILL');
    const start = performance.now();
    pass();
    return (performance.now() - start) / 1000;
  } finally {
    for (const pid of processesOf(crew)) process.kill(pid, 'SIGKILL');
  }
}

function processesOf(binary) {
  return readdirSync('/proc').filter((name) => {
    try {
      return readlinkSync(`/proc/${name}/exe`) === binary;
    } catch {
      return false;
    }
  });
}

/**
 * The programs with their times, and the values with their bounds.
 *
 * @param {import('./programs.mjs').Stage} stage
 * @param {string} standalone
 * @param {number} rounds
 */
export function tables(stage, standalone, rounds) {
  // First, because each repair reads the snapshots of all services.
  const restart = restartAll(stage, standalone);
  const { each, ...others } = programs(stage, standalone);
  const time = times(others, rounds, fastest);
  const calls = times({ few: others.few, each }, EACH_ROUNDS, fastest);
  const peak = memory({ all: others.all });
  const few = time.get('few');
  const all = time.get('all');
  const shown = { ...others, each };
  const value = (name, found, most, unit = '') => ({ name, value: found, most, unit });
  const ratio = (of, against, found, most) => value(`${shown[of].what} / ${shown[against].what}: time`, found, most);
  return {
    rows: Object.entries(shown).map(([name, { what }]) => ({ what, ms: time.get(name) ?? calls.get(name) })),
    results: [
      ...(time.has('script') ? [ratio('few', 'script', few / time.get('script'), MOST.script)] : []),
      ratio('few', 'each', calls.get('few') / calls.get('each'), MOST.each),
      value(`time for each service, ${ALL} / ${FEW}`, all / ALL / (few / FEW), MOST.growth),
      ...(time.has('reads') ? [ratio('all', 'reads', all / time.get('reads'), MOST.reads)] : []),
      ...(time.has('allReads') ? [ratio('all', 'allReads', all / time.get('allReads'), MOST.allReads)] : []),
      ...(peak.has('all') ? [value(`${shown.all.what}: memory`, peak.get('all') / 1024, MOST.megabytes, ' MB')] : []),
      value(
        `${DOWN} services down, each with a worker that needs 1 s to exit`,
        restart,
        DOWN / AT_ONCE + MARGIN_SECONDS,
        ' s',
      ),
    ],
  };
}

/** @param {readonly number[]} values */
function fastest(values) {
  return Math.min(...values);
}
