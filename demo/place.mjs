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
import { endMarked } from './marked.mjs';

/** In the environment of all that the demo starts: by this it finds what it has to end, and nothing else. */
const MARK = 'SIPWD_DEMO';

/** sipwd may take some seconds; a minute is what cron would give it. */
const LONGEST_MS = 60_000;

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** Where sipwd keeps its locks and what it has seen when root runs it. */
const ROOTS_FOLDER = '/run/sipwd';

/** @typedef {{ status: number | null, output: string, seconds: string }} Run */

/** A temporary folder in which commands run; it goes with all that was started in it when the demo ends, however it ends. */
export class Place {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sipwd-demo-')));
  sipwd = join(PROJECT, 'bin/sipwd');
  /** by what name a command in the folder reaches the Node that runs this */
  node = basename(process.execPath);
  #hadRootsFolder = existsSync(ROOTS_FOLDER);
  #environment = environmentIn(this.folder, dirname(this.sipwd));
  #pidfiles;

  /** @param {string[]} pidfiles those of the services that will be watched here */
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
    copyFileSync(new URL('server.mjs', import.meta.url), join(this.folder, 'server.mjs'));
  }

  /** @param {string} name */
  path(name) {
    return join(this.folder, name);
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
   * Runs a line of shell in the folder.
   *
   * @param {string} line
   * @returns {Promise<Run>}
   */
  run(line) {
    const start = performance.now();
    const child = spawn('/bin/sh', ['-c', line], {
      cwd: this.folder,
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

  /** Without an await: it runs while the process exits. */
  #remove() {
    endMarked(`${MARK}=${this.folder}`);
    for (const file of this.#kept()) rmSync(file, { force: true });
    if (!this.#hadRootsFolder) removeIfEmpty(ROOTS_FOLDER);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** For root, what sipwd keeps of the services of this folder does not lie in it. The names begin with the pidfile's path. */
  #kept() {
    if (process.geteuid?.() !== 0 || !existsSync(ROOTS_FOLDER)) return [];
    const beginnings = this.#pidfiles.map((name) => `${encodeURIComponent(this.path(name))}.`);
    return readdirSync(ROOTS_FOLDER)
      .filter((name) => beginnings.some((beginning) => name.startsWith(beginning)))
      .map((name) => join(ROOTS_FOLDER, name));
  }
}

/**
 * @param {string} folder
 * @param {string} bin
 * @returns {NodeJS.ProcessEnv}
 */
function environmentIn(folder, bin) {
  // What the caller has set for sipwd's log would hide it here.
  const rest = Object.entries(process.env).filter(([name]) => !name.startsWith('SIPLOG_'));
  const path = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
  return { ...Object.fromEntries(rest), PATH: path, XDG_RUNTIME_DIR: folder, [MARK]: folder };
}

/** @param {string} folder */
function removeIfEmpty(folder) {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else uses it by now, or it was never made.
  }
}
