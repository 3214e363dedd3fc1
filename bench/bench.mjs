// Measures sipwd beside what it is compared with. `npm run bench`: the full run, writes bench/results.md.
// `npm run bench -- --short`: fewer rounds; fails only on a ratio worse than twice what is to be reached.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { find, programs, Stage } from './programs.mjs';

const isShort = process.argv.includes('--short');
const ROUNDS = isShort ? 30 : 100;
const RESTARTS = isShort ? 5 : 30;

/** What is to be reached: one program against another, in time and in peak memory. */
const GOALS = [
  { of: 'healthy', against: 'empty', time: 1.9, memory: 1.4 },
  { of: 'healthy', against: 'monit', time: 0.5 },
  { of: 'packaged', against: 'emptyNode', time: 1.3, memory: 1.15 },
  { of: 'absent', against: 'empty', time: 1.7 },
  { of: 'many', against: 'healthy', time: 1.6 },
];

/** ms from the exit of the last process to the start command */
const RESTART_GOAL_MS = 30;

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** @param {{call: string[], path?: string}} program */
function environment({ path }) {
  return { ...process.env, PATH: path ?? process.env.PATH, SIPLOG_BEND: 'stderr' };
}

/** The programs take turns, so that whatever else the machine does falls on all of them. */
function times(all) {
  const found = new Map(Object.keys(all).map((name) => [name, []]));
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, program] of Object.entries(all)) {
      const [file, ...args] = program.call;
      program.before?.();
      const start = process.hrtime.bigint();
      const { status, stderr } = spawnSync(file, args, {
        env: environment(program),
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      if (status !== (program.status ?? 0)) throw new Error(`${program.what} ended with ${status}: ${stderr}`);
      // The first rounds only fill the caches.
      if (round >= 0) found.get(name).push(ms);
    }
  }
  return new Map([...found].map(([name, values]) => [name, median(values)]));
}

/** Peak memory in KB, from getrusage(2) by way of time(1). */
function memory(program) {
  const time = find('time');
  if (time === undefined) return undefined;
  const peaks = Array.from({ length: 5 }, () => {
    program.before?.();
    const { stderr } = spawnSync(time, ['-f', '%M', ...program.call], { env: environment(program), encoding: 'utf8' });
    return Number(stderr.trim().split('\n').at(-1));
  });
  return median(peaks);
}

/** ms from the exit of the last process to the first thing that the start command does. */
function restartDelay(stage, standalone) {
  const delays = [];
  for (let round = 0; round < RESTARTS; round++) {
    const script = `trap 'date +%s%N >${stage.path('exited')}; exit 0' TERM; echo $$ >${stage.path('slow.pid')}; while :; do sleep 0.01; done`;
    spawnSync('/bin/sh', ['-c', `sh -c "$0" </dev/null >/dev/null 2>&1 &`, script]);
    while (!exists(stage.path('slow.pid'))) spawnSync('sleep', ['0.01']);
    writeFileSync(stage.path('slow.pid'), '4194303\n', { flag: 'a' });
    const command = `date +%s%N >${stage.path('began')}`;
    spawnSync(standalone, ['--start-timeout', '0', stage.path('runs'), 'sh', stage.path('slow.pid'), command]);
    const at = (name) => Number(BigInt(readFileSync(stage.path(name), 'utf8').trim()) / 1000n) / 1000;
    delays.push(at('began') - at('exited'));
    rmSync(stage.path('slow.pid'));
  }
  return median(delays);
}

function exists(path) {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function report(all, missing, found, peaks, delay) {
  const ratio = (value, base) => (value / base).toFixed(2);
  const base = found.get('empty');
  const rows = Object.entries(all).map(
    ([name, { what }]) =>
      `| ${what} | ${ratio(found.get(name), base)} | ${found.get(name).toFixed(1)} | ${peaks.has(name) ? (peaks.get(name) / 1024).toFixed(1) : '-'} |`,
  );
  const goals = GOALS.filter(({ of, against }) => found.has(of) && found.has(against)).flatMap((goal) => {
    const name = `${all[goal.of].what}, against ${all[goal.against].what}`;
    const reached = [{ name: `${name}: time`, value: found.get(goal.of) / found.get(goal.against), most: goal.time }];
    if (goal.memory && peaks.size > 0) {
      reached.push({ name: `${name}: memory`, value: peaks.get(goal.of) / peaks.get(goal.against), most: goal.memory });
    }
    return reached;
  });
  const [cpu] = cpus();
  const text = [
    `Medians of ${ROUNDS} runs in turn; ${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}.`,
    '',
    '| program | time, against the empty program | ms | peak MB |',
    '|---|---|---|---|',
    ...rows,
    '',
    '| ratio | to reach | measured |',
    '|---|---|---|',
    ...goals.map(({ name, value, most }) => `| ${name} | ≤ ${most} | ${value.toFixed(2)} |`),
    '',
    `From the exit of the last process to the start command, standalone: median ${delay.toFixed(0)} ms of ${RESTARTS} (to reach: ≤ ${RESTART_GOAL_MS} ms).`,
    ...missing.map((what) => `Not measured, for want of the program: ${what}.`),
    '',
  ].join('\n');
  return { text, goals };
}

const stage = new Stage();
try {
  const entries = Object.entries(programs(stage));
  const missing = entries.filter(([, { call }]) => call === undefined).map(([, { what }]) => what);
  const all = Object.fromEntries(entries.filter(([, { call }]) => call !== undefined));
  const peaks = new Map(Object.entries(all).map(([name, program]) => [name, memory(program)]));
  const { text, goals } = report(
    all,
    missing,
    times(all),
    find('time') ? peaks : new Map(),
    restartDelay(stage, all.healthy.call[0]),
  );
  console.log(text);
  if (!isShort) {
    const results = fileURLToPath(new URL('results.md', import.meta.url));
    writeFileSync(results, `# Measured\n\n${text}`);
    execFileSync('npx', ['biome', 'format', '--write', results]);
  }
  const failed = goals.filter(({ value, most }) => value > 2 * most);
  for (const { name, value, most } of failed) console.error(`worse than ${2 * most}: ${name}: ${value.toFixed(2)}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
} finally {
  stage.end();
  rmSync(stage.dir, { recursive: true, force: true });
}
