import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const POLL_MS = 10;
const GREP_MS = 2000;

/**
 * Kills all processes that have a mark in their environment, and waits until they have exited. It is synchronous, so it
 * can run while this process exits.
 *
 * @param {string} mark as NAME=value
 */
export function killMarked(mark) {
  for (let pids = markedPids(mark); pids.length > 0; pids = markedPids(mark)) {
    for (const pid of pids) kill(pid);
    pause(POLL_MS);
  }
}

/**
 * The memory of a process can be locked for ever: another program reads it, with a timeout.
 *
 * @param {string} mark
 */
function markedPids(mark) {
  const paths = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `/proc/${pid}/environ`);
  const { stdout } = spawnSync('grep', ['-l', '-s', '-F', '-e', mark, ...paths], {
    encoding: 'utf8',
    timeout: GREP_MS,
    killSignal: 'SIGKILL',
  });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((path) => Number(path.split('/')[2]))
    .filter((pid) => pid !== process.pid);
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has exited.
  }
}

/** @param {number} ms */
function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
