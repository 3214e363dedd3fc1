import { readdirSync, readFileSync } from 'node:fs';

const POLL_MS = 10;

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

/** @param {string} mark */
function markedPids(mark) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environOf(pid).split('\0').includes(mark))
    .map(Number);
}

/** Empty for a zombie, and for a process of another user. */
function environOf(/** @type {string} */ pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
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
