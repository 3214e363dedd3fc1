import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { ended } from '../../../src/log/reasons.ts';
import { hookOf, runHook } from '../../support/example-hook.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

/** A directory with a sendmail that writes its arguments and its input into files. */
function sendmail(): string {
  const folder = temporaryFolder({
    sendmail: '#!/bin/sh\ncd "$(dirname "$0")" && echo "$@" >arguments && cat >mail\n',
  });
  chmodSync(join(folder, 'sendmail'), 0o755);
  return folder;
}

test('when an event is mailed, sendmail gets the address and a mail with all that is known', async () => {
  const folder = sendmail();
  const changes = { PATH: `${folder}:/usr/bin:/bin`, SIPWD_CORE: '/var/crash/core.kamailio.4711' };
  expect(await runHook('sipwd-mail', ['admin@example.net'], changes)).toEqual({ status: 0, said: '' });
  expect(readFileSync(join(folder, 'arguments'), 'utf8')).toBe('-i admin@example.net\n');
  const [header = '', ...body] = readFileSync(join(folder, 'mail'), 'utf8').split('\n\n');
  expect(header.split('\n')).toEqual([
    'To: admin@example.net',
    `Subject: sipwd: kamailio on ${hostname()}: restarted`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
  ]);
  expect(body).toEqual([
    'forced restart: requested by /run/kamailio.force',
    'exit status: 0\nbinfile: /usr/sbin/kamailio\npidfile: /run/kamailio/kamailio.pid\ncore: /var/crash/core.kamailio.4711\n',
  ]);
});

test('when sipwd cannot start a service, a mail says so', async () => {
  const folder = sendmail();
  const service = testService();
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const args = ['--on-event', `${hookOf('sipwd-mail')} root`, ...service.args.with(3, 'exit 7')];
  expect(await sipwd(args, { env })).toMatchObject({ status: 3, events: ['down', 'starting', 'startFailed'] });
  const mail = readFileSync(join(folder, 'mail'), 'utf8').split('\n');
  expect(mail).toContain(`Subject: sipwd: ${service.name} on ${hostname()}: start-failed`);
  expect(mail).toContain(messages.startFailed(ended.status(7), 'exit 7').text);
});

test('when values look like commands of a shell, they are text', async () => {
  const folder = sendmail();
  const message = `$(touch ${folder}/run) \`touch ${folder}/run\` "\\`;
  const changes = { PATH: `${folder}:/usr/bin:/bin`, SIPWD_MESSAGE: message };
  expect(await runHook('sipwd-mail', ['root'], changes)).toEqual({ status: 0, said: '' });
  expect(readFileSync(join(folder, 'mail'), 'utf8').split('\n')).toContain(message);
  expect(existsSync(join(folder, 'run'))).toBe(false);
});

test('when sendmail fails, the hook fails', async () => {
  const folder = temporaryFolder({ sendmail: '#!/bin/sh\necho "no such user" >&2\nexit 67\n' });
  chmodSync(join(folder, 'sendmail'), 0o755);
  expect(await runHook('sipwd-mail', ['nobody'], { PATH: `${folder}:/usr/bin:/bin` })).toEqual({
    status: 67,
    said: 'no such user',
  });
});
