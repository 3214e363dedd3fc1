// Explains what sipwd does while it does it, to a real service. Each stage is checked from outside, and the demo fails
// if anything is not as it says.
import { existsSync, readFileSync, statSync } from 'node:fs';
import getPort from 'get-port';
import { findCore, whyNoCore } from './cores.mjs';
import { askPid, isAlive, NotSeen, see, seeSoon } from './observe.mjs';
import { Place } from './place.mjs';
import { begin, tell, tellCommand, tellResult, tellRun } from './story.mjs';

const UNLIMITED = 'ulimit -c unlimited; ';

const place = new Place('web.pid', 'pair.pid');
const [port, left, right] = [await getPort(), await getPort(), await getPort()];
const web = `sipwd web.runs ${place.node} web.pid '${place.node} server.mjs web.pid ${port}' ./web.restart`;
const pair = `sipwd pair.runs ${place.node} pair.pid '${place.node} server.mjs pair.pid ${left} ${right}'`;
const noCore = whyNoCore(place.directory);

try {
  await introduce();
  await startService();
  await stayQuiet();
  await bringBack();
  await forceRestart();
  await cleanUpAndStart();
  await leaveStopped();
  tell('', 'The demo is complete. Its services are killed and its directory is removed.');
} catch (error) {
  if (!(error instanceof NotSeen)) throw error;
  console.error(`\nThe demo failed: ${error.message}`);
  process.exitCode = 1;
}
// The handler in place.mjs kills what still runs and removes all files.
process.exit();

async function introduce() {
  tell(
    'sipwd checks one service, repairs it if needed, and exits. Usually cron runs it every minute.',
    'In this demo, the commands run one after the other.',
    '',
    `The program:    ${place.sipwd}, on Node ${process.version}`,
    `The service:    a small web server, http://127.0.0.1:${port}/, that answers with its PID`,
    `The directory:  ${place.directory}, in which every command runs`,
  );
}

async function startService() {
  begin('A service that is down is started', 'The runfile, web.runs, enables the service. There is no pidfile yet.');
  see((await askPid(port)) === undefined, `no answer at port ${port} before the start`);
  await command('touch web.runs');
  const { status, output } = await watch(web);
  see(status === 0, 'exit status 0');
  see(output.includes('starting'), 'a message that the service is started');
  tellResult(`PID ${await answeringPid('web.pid', 0, port)} answers, and web.pid names it.`);
}

async function stayQuiet() {
  begin(
    'A healthy service is left alone',
    'This is the usual case. sipwd prints nothing, because cron mails everything that is printed.',
  );
  const [before] = place.pids('web.pid');
  const { status, output, seconds } = await watch(web);
  see(status === 0, 'exit status 0');
  see(output === '', 'no output');
  see((await askPid(port)) === before, `an answer from PID ${before}`);
  tellResult(`no output, exit status 0, ${seconds} s; PID ${before} still answers.`);
}

async function bringBack() {
  begin(
    'A service that was killed is started again',
    'For example after a crash, or after the kernel ran out of memory.',
  );
  const before = await killFirst('web.pid', port);
  if (noCore === undefined) {
    tell('', 'With "ulimit -c unlimited", the new process can dump core. The next stage needs that.');
  }
  const { status } = await watch(`${noCore === undefined ? UNLIMITED : ''}${web}`);
  see(status === 0, 'exit status 0');
  const pid = await answeringPid('web.pid', 0, port);
  see(pid !== before, `another PID than ${before}`);
  tellResult(`PID ${pid} answers instead of PID ${before}.`);
}

async function forceRestart() {
  begin(
    'A service that hangs is restarted by force',
    'The process runs, but it no longer works. A program that notices this creates the force-restart file, web.restart.',
    'SIGABRT makes the process dump core, so that a developer can find the fault.',
  );
  if (noCore !== undefined) tell('', `This demo shows no core: ${noCore}. The restart works without a core.`);
  const [before = 0] = place.pids('web.pid');
  await command('touch web.restart');
  const { status, output } = await watch(web);
  see(status === 0, 'exit status 0');
  see(output.includes('SIGABRT'), `SIGABRT sent to PID ${before}`);
  see(!isAlive(before), `the exit of PID ${before}`);
  see(!existsSync(place.path('web.restart')), 'web.restart is removed');
  const pid = await answeringPid('web.pid', 0, port);
  see(pid !== before, `another PID than ${before}`);
  tellResult(`web.restart is removed; PID ${pid} answers instead of PID ${before}.`);
  if (noCore === undefined) showCore();
}

function showCore() {
  const core = findCore(place.directory);
  see(core !== undefined, `a core in ${place.directory}`);
  const megabytes = (statSync(place.path(core ?? '')).blocks * 512) / 1e6;
  tellResult(`a core, ${core}, ${megabytes.toFixed(0)} MB on the disk.`);
}

async function cleanUpAndStart() {
  begin(
    'What is left of a service is stopped before the start',
    'This service has two processes, and its pidfile names both. When one of them dies, the other does not work alone,',
    'and may hold a port that a new process needs.',
  );
  await command('touch pair.runs');
  see((await watch(pair)).status === 0, 'exit status 0');
  await answeringPid('pair.pid', 1, right);
  const other = place.pids('pair.pid')[1] ?? 0;
  const killed = await killFirst('pair.pid', left);
  see((await askPid(right)) === other, `an answer from PID ${other} alone`);
  see((await watch(pair)).status === 0, 'exit status 0');
  see(
    readFileSync(place.path('pair.pid.log'), 'utf8').includes(`PID ${other} exits on SIGTERM`),
    `SIGTERM for PID ${other}`,
  );
  const pids = [await answeringPid('pair.pid', 0, left), await answeringPid('pair.pid', 1, right)];
  see(!pids.includes(killed) && !pids.includes(other), 'two new PIDs');
  tellResult(`PID ${other} got SIGTERM and exited; PIDs ${pids.join(' and ')} answer.`);
}

async function leaveStopped() {
  begin(
    'A service that the operator stops stays stopped',
    'The stop script removes the runfile, which disables the service. Then sipwd does nothing.',
  );
  await command('rm web.runs');
  const before = await killFirst('web.pid', port);
  const { status, output } = await watch(web);
  see(status === 0, 'exit status 0');
  see(output === '', 'no output');
  see(place.pids('web.pid').join() === String(before), `PID ${before} in web.pid, unchanged`);
  see((await askPid(port)) === undefined, `no answer at port ${port}`);
  tellResult('no output, exit status 0, and no answer.');
}

/**
 * Kills the first process of a service with a command that is shown, and waits until it has exited.
 *
 * @param {string} pidfile
 * @param {number} at
 */
async function killFirst(pidfile, at) {
  const [pid = 0] = place.pids(pidfile);
  await command(`kill -9 ${pid}`);
  await seeSoon(`the exit of PID ${pid}`, async () => !isAlive(pid) && (await askPid(at)) === undefined);
  return pid;
}

/**
 * @param {string} pidfile
 * @param {number} index of the PID in it
 * @param {number} at
 * @returns {Promise<number>} the PID that answers at a port, which must be the one in the pidfile
 */
async function answeringPid(pidfile, index, at) {
  const pid = await askPid(at);
  see(pid !== undefined, `an answer at port ${at}`);
  see(pid === place.pids(pidfile)[index], `PID ${pid}, which answers, in ${pidfile}`);
  return pid ?? 0;
}

/**
 * Runs sipwd, and shows the command and its output.
 *
 * @param {string} line
 */
async function watch(line) {
  tellCommand(line);
  const run = await place.run(line);
  tellRun(run);
  return run;
}

/**
 * Runs a command of the operator, and shows it.
 *
 * @param {string} line
 */
async function command(line) {
  tellCommand(line);
  const { status, output } = await place.run(line);
  see(status === 0, `success of "${line}", which printed: ${output}`);
}
