import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 10_000;
const POLL_MS = 20;

/** Something that the story tells was not seen. */
export class NotSeen extends Error {}

/**
 * @param {boolean} seen
 * @param {string} what
 */
export function see(seen, what) {
  if (!seen) throw new NotSeen(`expected, but not seen: ${what}`);
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
 * Who answers at a port of this machine.
 *
 * @param {number} port
 * @returns {Promise<number | undefined>} the PID that the answer names; undefined when nobody answers
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

/** A port that nobody uses. */
export function freePort() {
  return new Promise((/** @type {(port: number) => void} */ resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * Whether a process runs. One that nobody has reaped does not.
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
