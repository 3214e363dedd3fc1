import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 10_000;
const POLL_MS = 20;

/** Something that the demo says did not happen. */
export class NotSeen extends Error {}

/**
 * @param {boolean} seen
 * @param {string} what
 */
export function see(seen, what) {
  if (!seen) throw new NotSeen(`expected, but not observed: ${what}`);
}

/**
 * @param {string} what
 * @param {() => boolean | Promise<boolean>} condition
 */
export async function seeSoon(what, condition) {
  const end = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    see(performance.now() < end, what);
    await sleep(POLL_MS);
  }
}

/**
 * Asks the server at a port of this machine for its PID.
 *
 * @param {number} port
 * @returns {Promise<number | undefined>} undefined when there is no answer
 */
export function askPid(port) {
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', agent: false, timeout: DEADLINE_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(Number(/^PID (\d+)$/m.exec(text)?.[1])));
      response.on('error', () => resolve(undefined));
    });
    request.on('error', () => resolve(undefined));
    request.on('timeout', () => request.destroy());
  });
}

/**
 * Whether a process is alive. A zombie is not.
 *
 * @param {number} pid
 */
export function isAlive(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !['Z', 'X'].includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
