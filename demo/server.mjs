// A small service: `node server.mjs PIDFILE PORT...` answers HTTP on each port, with one process for each port. Like any
// daemon it runs in the background: the command returns when all ports answer and the pidfile holds the PIDs.
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const SERVE = '--serve';

const [first = '', ...rest] = process.argv.slice(2);
if (first === SERVE) serve(rest[0] ?? '', rest[1] ?? '');
else await startAll(first, rest);

/**
 * @param {string} pidfile
 * @param {string[]} ports
 */
async function startAll(pidfile, ports) {
  const started = await Promise.allSettled(ports.map((port) => startOne(pidfile, port)));
  const pids = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failures = started.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length === 0) {
    writeFileSync(pidfile, pids.map((pid) => `${pid}\n`).join(''));
    return;
  }
  for (const pid of pids) process.kill(pid);
  console.error(`server: not started: ${failures.map(({ message }) => message).join(', ')}`);
  process.exitCode = 1;
}

/**
 * @param {string} pidfile
 * @param {string} port
 * @returns {Promise<number>} its PID, when it is ready
 */
function startOne(pidfile, port) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), SERVE, pidfile, port], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the process for port ${port} exited at once`)));
    child.once('message', () => {
      child.disconnect();
      child.unref();
      resolve(child.pid ?? 0);
    });
  });
}

/**
 * @param {string} pidfile
 * @param {string} port
 */
function serve(pidfile, port) {
  process.once('SIGTERM', () => {
    appendFileSync(`${pidfile}.log`, `PID ${process.pid} exits on SIGTERM\n`);
    process.exit();
  });
  createServer((_, response) => response.end(`PID ${process.pid}\n`)).listen(Number(port), '127.0.0.1', () =>
    process.send?.('ready'),
  );
}
