import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kill } from '../../support/family.ts';
import { canRun, Machine } from '../../support/machine.ts';
import { isAlive } from '../../support/process.ts';
import { blocksIn, exampleIn, withoutValues } from '../../support/readme.ts';
import { eventsIn, linesIn } from '../../support/said.ts';

const NEEDED = '(needs root and memcached as Debian installs it)';
const SCRIPT = '/usr/local/etc/rc.d/memcached.sh';
const RESTARTED = ['down', 'starting', 'started'];

describe.skipIf(!canRun('memcached'))(`the setup in the README ${NEEDED}`, () => {
  let machine: Machine;
  let readme: string;

  /** The code of a language, step by step. */
  const codeOf = (language: string) => blocksIn(readme, language);
  const commandOf = (line: RegExp) => line.exec(codeOf('crontab').join(''))?.[1] ?? '';
  const checkByCron = () => machine.run(commandOf(/^\* \* \* \* \* root (.*)$/m));
  const eventsOf = async (run: ReturnType<Machine['run']>) => {
    const { status, said } = await run;
    return { status, events: eventsIn(said) };
  };

  beforeEach(async () => {
    machine = new Machine();
    await machine.provide('memcached');
    const port = `-u memcache -l 127.0.0.1 -p ${machine.port('memcached')} `;
    readme = machine.read('../README.md', { '-u memcache ': port });
    // Step 1 writes the script.
    machine.write(SCRIPT, codeOf('sh')[0] ?? '', 0o755);
  });

  afterEach(async () => {
    await machine.end();
  });

  test('when its steps are done in their order, each does what the README says', async () => {
    const [, start = '', dryRun = ''] = codeOf('sh');
    expect(await eventsOf(machine.run(start))).toEqual({ status: 0, events: RESTARTED });
    await machine.answers('memcached');

    const { status, said } = await machine.run(dryRun, `${machine.at('/usr/local/bin')}:${process.env.PATH}`);
    expect(status).toBe(0);
    expect(withoutValues(`${said}\n`.replaceAll(machine.root, ''))).toBe(withoutValues(exampleIn('README.md')));

    expect(await checkByCron()).toEqual({ status: 0, said: '' });
    // "Try it"
    await kill([machine.pid('memcached')]);
    expect(await eventsOf(checkByCron())).toEqual({ status: 0, events: RESTARTED });
    await machine.answers('memcached');

    // A reboot
    await kill([machine.pid('memcached')]);
    rmSync(machine.at('run'), { recursive: true });
    machine.write('run/.keep', '');
    expect(await checkByCron()).toEqual({ status: 0, said: '' });
    expect(await eventsOf(machine.run(commandOf(/^@reboot root (.*)$/m)))).toEqual({ status: 0, events: RESTARTED });
    await machine.answers('memcached');
  });

  test('when the service is stopped by the script, it exits, and cron does not start it', async () => {
    await machine.run(`${machine.at(SCRIPT)} start`);
    const pid = machine.pid('memcached');
    expect((await machine.run(`${machine.at(SCRIPT)} stop`)).status).toBe(0);
    await machine.answers('memcached', false);
    expect(await checkByCron()).toEqual({ status: 0, said: '' });
    expect(isAlive(pid)).toBe(false);
  });

  test('when the runfile is removed, the service goes on, and sipwd ignores it until the runfile is back', async () => {
    await machine.run(`${machine.at(SCRIPT)} start`);
    machine.enable('memcached', false);
    await machine.answers('memcached');
    await kill([machine.pid('memcached')]);
    expect(await checkByCron()).toEqual({ status: 0, said: '' });
    machine.enable('memcached');
    expect(await eventsOf(checkByCron())).toEqual({ status: 0, events: RESTARTED });
  });

  test('when a service was killed, the log has the lines of the first page', async () => {
    await machine.run(`${machine.at(SCRIPT)} start`);
    await kill([machine.pid('memcached')]);
    const { said } = await checkByCron();
    const example =
      readFileSync('README.md', 'utf8')
        .match(/^ {4}\d+ \w{3} .*$/gm)
        ?.map((line) => line.trim()) ?? [];
    expect(eventsIn(example.join('\n'))).toEqual(RESTARTED);
    const same = (lines: string[]) => lines.map((line) => line.replace(machine.root, '').replace(/PID .*/, 'PID'));
    expect(same(linesIn(said))).toEqual(same(linesIn(example.join('\n'))));
    expect(existsSync(machine.at('/run/memcached.runs'))).toBe(true);
  });
});
