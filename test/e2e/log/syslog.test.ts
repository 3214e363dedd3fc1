import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { ended, why } from '../../../src/log/reasons.ts';
import { canMount, isInstalled, quoted } from '../../support/caller.ts';
import { failing, messagesIn, messagesOf } from '../../support/log.ts';
import { lineOf } from '../../support/messages.ts';
import { testService } from '../../support/service.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, sipwd, sipwdIn } from '../../support/sipwd.ts';

describe('SIPLOG_BEND=syslog', () => {
  /** A minimal /dev, without /dev/log. */
  const OWN_DEV = `mkdir dev && mount --rbind /dev dev && mount -t tmpfs none /dev || exit
    for each in null zero full random urandom; do : >/dev/$each; mount --bind dev/$each /dev/$each; done`;
  const env = { SIPLOG_BEND: 'syslog' };

  test.skipIf(!canMount || !isInstalled('socat'))(
    'when there is a syslog, it gets each message with its severity (needs mounts and socat)',
    async () => {
      const service = testService();
      const [warning, info, error = ''] = messagesOf(service);
      const script = `${OWN_DEV}
        socat -u UNIX-RECV:/dev/log OPEN:datagrams,creat,append &
        until [ -S /dev/log ]; do sleep 0.02; done
        "$@"; status=$?
        until grep -qF ${quoted(error)} datagrams; do sleep 0.02; done
        kill $!; exit $status`;
      const run = await sipwdIn(script, failing(service), { env, cwd: service.dir });
      expect(run).toMatchObject({ status: 3, stdout: '', stderr: '' });
      const datagrams = readFileSync(service.path('datagrams'), 'latin1');
      const found = datagrams.matchAll(/<(\d+)>\w{3} [ \d]\d [\d:]{8} (?:\S+ )?sipwd\[\d+\]: (.+?)(?=\n|\0|<\d+>|$)/g);
      // daemon is facility 3; warning, info and err are the severities 4, 6 and 3
      expect(Array.from(found, ([, priority, message]) => [Number(priority), message])).toEqual([
        [3 * 8 + 4, warning],
        [3 * 8 + 6, info],
        [3 * 8 + 3, error],
      ]);
    },
  );

  test('when logger(1) takes its time, the start does not wait for it, and each message arrives in order', async () => {
    const service = testService();
    // It answers only once the command has run.
    const logger = `#!/bin/sh
      until [ -e ${service.path('started')} ]; do sleep 0.02; done
      for last; do :; done
      echo "$last" >>${service.path('logged')}\n`;
    service.write('logger', logger, 0o755);
    const own = { ...env, PATH: `${service.dir}:${process.env.PATH}` };
    const command = `: >${service.path('started')}; exit 7`;
    const run = await sipwd(service.args.with(3, command), { env: own });
    expect(run).toMatchObject({ status: 3, stderr: '' });
    const logged = [
      messages.down(why.noPidfile(service.pidfile)),
      messages.starting(command),
      messages.startFailed(ended.status(7), command),
    ].map((message) => `${lineOf(message, service.name)}\n`);
    expect(readFileSync(service.path('logged'), 'utf8')).toBe(logged.join(''));
  });

  test('when a forced restart is ordered, syslog has the message before the file is removed', async () => {
    const service = testService();
    const order = service.write('svc.force', '');
    const logger = `#!/bin/sh
      sleep 0.1
      [ -e ${order} ] && at=before || at=after
      for last; do :; done
      echo "$at: $last" >>${service.path('logged')}\n`;
    service.write('logger', logger, 0o755);
    const own = { ...env, PATH: `${service.dir}:${process.env.PATH}` };
    expect(await sipwd(service.args.with(4, order), { env: own })).toMatchObject({ status: 0, stderr: '' });
    const logged = readFileSync(service.path('logged'), 'utf8');
    expect(logged).toContain(`before: ${lineOf(messages.forcedRestart(order), service.name)}\n`);
    expect(existsSync(order)).toBe(false);
  });

  // Bun itself does not run there.
  test.skipIf(isStandalone)(
    `when sipwd runs in a directory that was removed, logger(1) does not: it gets each message ${NOT_STANDALONE}`,
    async () => {
      const service = testService();
      const logger = `#!/bin/sh\npwd >>${service.path('logged')}\nfor last; do :; done\necho "$last" >>${service.path('logged')}\n`;
      service.write('logger', logger, 0o755);
      const script = 'mkdir away && cd away && rmdir ../away && exec "$@"';
      const args = ['-c', script, 'sh', PROGRAM, ...failing(service)];
      const own = { ...env, PATH: `${service.dir}:${process.env.PATH}` };
      const run = await sipwd(args, { env: own, cwd: service.dir }, 'sh');
      expect(run.status).toBe(3);
      const logged = messagesOf(service).map((message) => `/\n${message}\n`);
      expect(readFileSync(service.path('logged'), 'utf8')).toBe(logged.join(''));
    },
  );

  test.skipIf(!canMount)('when there is no syslog, lines go to stderr (needs mounts)', async () => {
    const service = testService();
    const run = await sipwdIn(`${OWN_DEV}; exec "$@"`, failing(service), { env, cwd: service.dir });
    expect({ status: run.status, messages: messagesIn(run.stderr) }).toEqual({
      status: 3,
      messages: messagesOf(service),
    });
  });
});
