// Measures programs: time, peak memory, and the delay of a restart.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { find } from './programs.mjs';

/** The first rounds only fill the caches. */
const WARM_UP = 2;
const MEMORY_ROUNDS = 5;

/** In each round all programs run once, so that other work on the machine affects all of them. @returns medians in ms, or what else is picked */
export function times(all, rounds, pick = median) {
  const found = new Map(Object.keys(all).map((name) => [name, []]));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [name, program] of Object.entries(all)) {
      const [file, ...args] = program.call;
      const start = process.hrtime.bigint();
      const { status, stderr } = spawnSync(file, args, {
        env: environment(program),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      if (status !== (program.status ?? 0)) throw new Error(`${program.what} exited with status ${status}: ${stderr}`);
      if (round >= 0) found.get(name).push(ms);
    }
  }
  return new Map([...found].map(([name, values]) => [name, pick(values)]));
}

/** @returns peak memory in KB, from getrusage(2) through time(1); empty where that is not installed */
export function memory(all) {
  const time = find('time');
  if (time === undefined) return new Map();
  const peakOf = (program) => {
    const call = ['-f', '%M', ...program.call];
    const { stderr } = spawnSync(time, call, { env: environment(program), encoding: 'utf8' });
    return Number(stderr.trim().split('\n').at(-1));
  };
  return new Map(
    Object.entries(all).map(([name, program]) => [
      name,
      median(Array.from({ length: MEMORY_ROUNDS }, () => peakOf(program))),
    ]),
  );
}

/** @returns ms from the exit of the last process to the first thing that the start command does */
export function restartDelay(stage, standalone, rounds) {
  const [runs, pidfile, exited, began] = ['runs', 'slow.pid', 'exited', 'began'].map((name) => stage.path(name));
  const script = `trap 'date +%s%N >${exited}; exit 0' TERM; echo $$ >${pidfile}; while :; do sleep 0.01; done`;
  const at = (path) => Number(BigInt(readFileSync(path, 'utf8').trim()) / 1000n) / 1000;
  const delays = Array.from({ length: rounds }, () => {
    spawnSync('/bin/sh', ['-c', `sh -c "$0" </dev/null >/dev/null 2>&1 &`, script]);
    while (!(statSync(pidfile, { throwIfNoEntry: false })?.size > 0)) spawnSync('sleep', ['0.01']);
    // No process has this PID: the service is down, and the shell is what is left of it.
    writeFileSync(pidfile, '4194303\n', { flag: 'a' });
    spawnSync(standalone, ['--start-timeout', '0', runs, 'sh', pidfile, `date +%s%N >${began}`]);
    // sipwd may have removed it as stale.
    rmSync(pidfile, { force: true });
    return at(began) - at(exited);
  });
  return median(delays);
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** @param {{ path?: string }} program */
function environment({ path }) {
  return { ...process.env, PATH: path ?? process.env.PATH, SIPLOG_BEND: 'stderr' };
}
