import { readdirSync, readFileSync } from 'node:fs';

const POLL_MS = 10;

/**
 * Ends all processes that have a mark in their environment, and comes back when they have gone. Without an await, so
 * that it can run while the process exits.
 *
 * @param {string} mark as NAME=value
 */
export function endMarked(mark) {
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

/** A zombie has none, and that of another user's process cannot be read. */
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
    // It has gone by itself.
  }
}

/** @param {number} ms */
function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
