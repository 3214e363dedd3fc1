// Measures sipwd and the programs that it is compared with. `npm run bench`: the full run; it writes bench/results.md.
// `npm run bench -- --short`: fewer rounds; it fails only if a value is more than twice its bound.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { memory, restartDelay, times } from './measure.mjs';
import { MANY, programs, Stage } from './programs.mjs';
import { tables } from './tables.mjs';

const isShort = process.argv.includes('--short');
const ROUNDS = isShort ? 30 : 100;
const RESTARTS = isShort ? 5 : 30;
const TABLE_ROUNDS = isShort ? 5 : 20;

/** A result that is worse than this many times its bound is more than noise. */
const TOLERANCE = 2;

/** At most so many times the time and the peak memory of another program. */
const RATIOS = [
  { of: 'healthy', against: 'empty', time: 1.7, memory: 1.37 },
  { of: 'healthy', against: 'monit', time: 0.5 },
  { of: 'packaged', against: 'emptyNode', time: 1.3, memory: 1.15 },
  { of: 'metrics', against: 'healthy', time: 1.15 },
  { of: 'absent', against: 'empty', time: 1.7 },
];

const MOST_MICROSECONDS_PER_PID = 60;
const MOST_RESTART_MS = 30;

const bound = (name, value, most, unit = '') => ({ name, value, most, unit });

/** @param {{ what: Map<string, string>, time: Map<string, number>, peak: Map<string, number>, delay: number }} measured */
function bounds({ what, time, peak, delay }) {
  const ratios = RATIOS.filter(({ of, against }) => time.has(of) && time.has(against)).flatMap((ratio) => {
    const name = `${what.get(ratio.of)} / ${what.get(ratio.against)}`;
    const between = (values) => values.get(ratio.of) / values.get(ratio.against);
    const found = [bound(`${name}: time`, between(time), ratio.time)];
    if (ratio.memory && peak.size > 0) found.push(bound(`${name}: memory`, between(peak), ratio.memory));
    return found;
  });
  const perPid = ((time.get('many') - time.get('healthy')) / (MANY - 1)) * 1000;
  return [
    ...ratios,
    bound('one more PID, standalone, snapshot included', perPid, MOST_MICROSECONDS_PER_PID, ' µs'),
    bound('from the last exit to the start command, standalone', delay, MOST_RESTART_MS, ' ms'),
  ];
}

function report({ what, time, peak, table }, results, missing) {
  const rows = [...what].map(([name, text]) => {
    const ratio = (time.get(name) / time.get('empty')).toFixed(2);
    const megabytes = peak.has(name) ? (peak.get(name) / 1024).toFixed(1) : '-';
    return `| ${text} | ${ratio} | ${time.get(name).toFixed(1)} | ${megabytes} |`;
  });
  const shown = ({ value, unit }) => `${value.toFixed(unit === '' || unit === ' s' ? 2 : 0)}${unit}`;
  return [
    `Medians of ${ROUNDS} runs; the programs take turns. ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}.`,
    '',
    '| program | time / empty program | ms | peak MB |',
    '|---|---|---|---|',
    ...rows,
    '',
    '| value | bound | measured |',
    '|---|---|---|',
    ...results.map((result) => `| ${result.name} | ≤ ${result.most}${result.unit} | ${shown(result)} |`),
    '',
    `The tables, best of ${TABLE_ROUNDS} runs:`,
    '',
    '| program | ms |',
    '|---|---|',
    ...table.rows.map((row) => `| ${row.what} | ${row.ms.toFixed(1)} |`),
    '',
    `The price of one more PID is the difference between ${MANY} PIDs and one, divided by ${MANY - 1}. The delay of a restart is the median of ${RESTARTS}.`,
    ...missing.map((text) => `\nNot measured, because it is not installed: ${text}.`),
    '',
  ].join('\n');
}

const stage = new Stage();
try {
  const entries = Object.entries(programs(stage));
  const missing = entries.filter(([, { call }]) => call === undefined).map(([, { what }]) => what);
  const all = Object.fromEntries(entries.filter(([, { call }]) => call !== undefined));
  const measured = {
    what: new Map(Object.entries(all).map(([name, { what }]) => [name, what])),
    peak: memory(all),
    time: times(all, ROUNDS),
    delay: restartDelay(stage, all.healthy.call[0], RESTARTS),
    table: tables(stage, all.healthy.call[0], TABLE_ROUNDS),
  };
  const results = [...bounds(measured), ...measured.table.results];
  const text = report(measured, results, missing);
  console.log(text);
  if (!isShort) {
    const path = fileURLToPath(new URL('results.md', import.meta.url));
    writeFileSync(path, `# Measured\n\n${text}`);
    execFileSync('npx', ['biome', 'format', '--write', path]);
  }
  const failed = results.filter(({ value, most }) => !(value <= TOLERANCE * most));
  for (const { name, value, most, unit } of failed) {
    console.error(`more than ${TOLERANCE * most}${unit}: ${name}: ${value.toFixed(2)}${unit}`);
  }
  process.exitCode = failed.length > 0 ? 1 : 0;
} finally {
  stage.end();
  rmSync(stage.directory, { recursive: true, force: true });
}
