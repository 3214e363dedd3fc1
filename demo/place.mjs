import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killMarked } from './marked.mjs';

/** A variable in the environment of everything that the demo starts: it kills these processes at the end, and no others. */
const MARK = 'SIPWD_DEMO';

/** sipwd may take some seconds; cron starts the next run after a minute. */
const LONGEST_MS = 60_000;

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** The directory of locks and snapshots when root runs sipwd. */
const UID = process.geteuid?.() ?? 0;
const RUNTIME = `/run/user/${UID}`;
/** Where sipwd stores locks and snapshots. */
const STATE = UID === 0 ? '/run/sipwd' : existsSync(RUNTIME) ? `${RUNTIME}/sipwd` : `/tmp/sipwd-${UID}`;

/** @typedef {{ status: number | null, output: string, seconds: string }} Run */

/** A temporary directory in which commands run. When the demo exits, for whatever reason, it is removed and its processes are killed. */
export class Place {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'sipwd-demo-')));
  sipwd = join(PROJECT, 'bin/sipwd');
  /** the name of the Node that runs this: commands find it in PATH */
  node = basename(process.execPath);
  #hadState = existsSync(STATE);
  #environment = environmentIn(this.directory, dirname(this.sipwd));
  #pidfiles;

  /** @param {string[]} pidfiles of the services */
  constructor(...pidfiles) {
    this.#pidfiles = pidfiles;
    process.once('exit', () => this.#remove());
    for (const [signal, number] of /** @type {const} */ ([
      ['SIGHUP', 1],
      ['SIGINT', 2],
      ['SIGTERM', 15],
    ])) {
      process.once(signal, () => process.exit(128 + number));
    }
    copyFileSync(new URL('server.mjs', import.meta.url), join(this.directory, 'server.mjs'));
  }

  /** @param {string} name */
  path(name) {
    return join(this.directory, name);
  }

  /**
   * @param {string} pidfile
   * @returns {number[]}
   */
  pids(pidfile) {
    if (!existsSync(this.path(pidfile))) return [];
    return readFileSync(this.path(pidfile), 'utf8').split(/\s+/).filter(Boolean).map(Number);
  }

  /**
   * Runs a shell command in the directory.
   *
   * @param {string} line
   * @returns {Promise<Run>}
   */
  run(line) {
    const start = performance.now();
    const child = spawn('/bin/sh', ['-c', line], {
      cwd: this.directory,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LONGEST_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) =>
        resolve({ status, output, seconds: ((performance.now() - start) / 1000).toFixed(2) }),
      );
    });
  }

  /** Synchronous: it runs while this process exits. */
  #remove() {
    killMarked(`${MARK}=${this.directory}`);
    for (const file of this.#stored()) rmSync(file, { force: true });
    if (!this.#hadState) removeIfEmpty(STATE);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Locks and snapshots: their names begin with the path of the pidfile. */
  #stored() {
    if (!existsSync(STATE)) return [];
    const beginnings = this.#pidfiles.map((name) => `${encodeURIComponent(this.path(name))}.`);
    return readdirSync(STATE)
      .filter((name) => beginnings.some((beginning) => name.startsWith(beginning)))
      .map((name) => join(STATE, name));
  }
}

/**
 * @param {string} directory
 * @param {string} bin
 * @returns {NodeJS.ProcessEnv}
 */
function environmentIn(directory, bin) {
  // Otherwise sipwd may write its log elsewhere.
  const rest = Object.entries(process.env).filter(([name]) => !name.startsWith('SIPLOG_'));
  const path = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(rest), PATH: path, XDG_RUNTIME_DIR: directory, [MARK]: directory };
}

/** @param {string} directory */
function removeIfEmpty(directory) {
  try {
    rmdirSync(directory);
  } catch {
    // It contains other files, or does not exist.
  }
}
