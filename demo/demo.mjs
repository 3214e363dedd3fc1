// Tells what sipwd does while it does it, to a real service. Every stage is looked at from outside, and the demo fails
// when anything is not as it says.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { findCore, whyNoCore } from './cores.mjs';
import { askPid, freePort, isAlive, NotSeen, see, seeSoon } from './observe.mjs';
import { Place } from './place.mjs';
import { begin, seen, tell, tellCommand, tellRun } from './story.mjs';

const UNLIMITED = 'ulimit -c unlimited; ';

const place = new Place('web.pid', 'pair.pid');
const [port, left, right] = [await freePort(), await freePort(), await freePort()];
const web = `sipwd web.runs ${place.node} web.pid '${place.node} server.mjs web.pid ${port}' web.restart`;
const pair = `sipwd pair.runs ${place.node} pair.pid '${place.node} server.mjs pair.pid ${left} ${right}'`;
const noCore = whyNoCore(place.folder);

try {
  await introduce();
  await startWhatIsDown();
  await stayQuiet();
  await bringBack();
  await restartByForce();
  await clearUpAndStart();
  await leaveStopped();
  tell('', 'That was all of it. The services are ended and the folder is removed.');
} catch (error) {
  if (!(error instanceof NotSeen)) throw error;
  console.error(`\nThe demo has failed here: ${error.message}`);
  process.exitCode = 1;
}
// What still runs is ended, and all files are removed, by the handler in place.mjs.
process.exit();

async function introduce() {
  tell(
    'sipwd looks at one service, does what is needed, and exits; cron calls it every minute. Here you are cron.',
    '',
    `The program:  ${place.sipwd}, on Node ${process.version}`,
    `The service:  a small web server, http://127.0.0.1:${port}/, that answers with its PID`,
    `The folder:   ${place.folder}, where every command below runs`,
  );
}

async function startWhatIsDown() {
  begin('A service that is down is started', 'web.runs says that it is meant to run. Nobody answers yet.');
  see((await askPid(port)) === undefined, `nobody answers at port ${port} before the start`);
  await command('touch web.runs');
  const { status, output } = await watch(web);
  see(status === 0, 'exit status 0');
  see(output.includes('starting'), 'sipwd says that it starts the service');
  seen(`it answers, as PID ${await answeringPid('web.pid', 0, port)}, which is the one in web.pid.`);
}

async function stayQuiet() {
  begin(
    'A healthy service is left alone, in silence',
    'So it goes every minute. Cron mails what is printed, so nothing is.',
  );
  const [before] = place.pids('web.pid');
  const { status, output, seconds } = await watch(web);
  see(status === 0, 'exit status 0');
  see(output === '', 'no output');
  see((await askPid(port)) === before, `PID ${before} still answers`);
  seen(`no output, status 0, ${seconds} s, and PID ${before} still answers.`);
}

async function bringBack() {
  begin('A service that was killed comes back', 'As after a crash, or when the kernel ran out of memory.');
  const before = await killFirst('web.pid', port);
  if (noCore === undefined) {
    tell('', 'With "ulimit -c unlimited" before it, what is started may leave a core; the next stage wants one.');
  }
  const { status } = await watch(`${noCore === undefined ? UNLIMITED : ''}${web}`);
  see(status === 0, 'exit status 0');
  const pid = await answeringPid('web.pid', 0, port);
  see(pid !== before, `another PID than ${before}`);
  seen(`it answers again, as PID ${pid} instead of ${before}.`);
}

async function restartByForce() {
  begin(
    'A service that hangs is restarted by force',
    'It runs, but something of yours has found that it does no good, and leaves a file to say so. SIGABRT makes it write',
    'down what it was at (a core), for those who look for the fault.',
  );
  if (noCore !== undefined) tell('', `No core can be shown here: ${noCore}. The restart is the same without one.`);
  const [before = 0] = place.pids('web.pid');
  await command('touch web.restart');
  const { status, output } = await watch(web);
  see(status === 0, 'exit status 0');
  see(output.includes('SIGABRT'), `SIGABRT sent to PID ${before}`);
  see(!isAlive(before), `PID ${before} has ended`);
  see(!existsSync(place.path('web.restart')), 'web.restart is removed');
  const pid = await answeringPid('web.pid', 0, port);
  see(pid !== before, `another PID than ${before}`);
  seen(`web.restart is gone, and so is PID ${before}; PID ${pid} answers instead.`);
  if (noCore === undefined) showCore();
}

function showCore() {
  const core = findCore(place.folder);
  see(core !== undefined, `a core in ${place.folder}`);
  const megabytes = (statSync(place.path(core ?? '')).blocks * 512) / 1e6;
  seen(`the core, ${core}, ${megabytes.toFixed(0)} MB on the disk.`);
}

async function clearUpAndStart() {
  begin(
    'A service of which half is gone is cleared up first',
    'This one has two processes and both PIDs in its pidfile. When one dies, the other is of no use alone and may hold',
    'what a new one needs.',
  );
  await command('touch pair.runs');
  see((await watch(pair)).status === 0, 'exit status 0');
  await answeringPid('pair.pid', 1, right);
  const other = place.pids('pair.pid')[1] ?? 0;
  const killed = await killFirst('pair.pid', left);
  see((await askPid(right)) === other, `PID ${other} answers alone`);
  see((await watch(pair)).status === 0, 'exit status 0');
  see(
    readFileSync(place.path('pair.pid.log'), 'utf8').includes(`PID ${other} ends on SIGTERM`),
    `SIGTERM for PID ${other}`,
  );
  const anew = [await answeringPid('pair.pid', 0, left), await answeringPid('pair.pid', 1, right)];
  see(!anew.includes(killed) && !anew.includes(other), 'two new PIDs');
  seen(`PID ${other} has had its SIGTERM, and both come anew: PID ${anew.join(' and ')} answer.`);
}

async function leaveStopped() {
  begin(
    'A service that you have stopped stays stopped',
    'Its stop script removes the runfile. From then on sipwd does nothing.',
  );
  await command('rm web.runs');
  const before = await killFirst('web.pid', port);
  const { status, output } = await watch(web);
  see(status === 0, 'exit status 0');
  see(output === '', 'no output');
  see(place.pids('web.pid').join() === String(before), `web.pid as it was, with PID ${before}`);
  see((await askPid(port)) === undefined, `nobody answers at port ${port}`);
  seen('no output, status 0, and nobody answers.');
}

/**
 * Kills the first process of a service, as the operator sees it, and waits until it has gone.
 *
 * @param {string} pidfile
 * @param {number} at
 */
async function killFirst(pidfile, at) {
  const [pid = 0] = place.pids(pidfile);
  await command(`kill -9 ${pid}`);
  await seeSoon(`PID ${pid} has ended`, async () => !isAlive(pid) && (await askPid(at)) === undefined);
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
  see(pid === place.pids(pidfile)[index], `the PID that answers, ${pid}, in ${pidfile}`);
  return pid ?? 0;
}

/**
 * Runs sipwd, as the operator sees it.
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
 * Does what the operator does between two runs of sipwd.
 *
 * @param {string} line
 */
async function command(line) {
  tellCommand(line);
  const { status, output } = await place.run(line);
  see(status === 0, `"${line}" succeeds; ${output}`);
}
