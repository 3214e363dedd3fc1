import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { printable } from '../../../src/log/escape.ts';
import { messages } from '../../../src/log/messages.ts';
import { ended, why } from '../../../src/log/reasons.ts';
import { canTrace } from '../../support/caller.ts';
import { LINE } from '../../support/log.ts';
import { lineOf } from '../../support/messages.ts';
import { testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';

/** Long, with a forged line of the log and what else would break a line or a terminal. */
const COMMAND = `false "\n22 Nov 14:27:10.123/GLOBAL/sipwd: svc: forged\r\t\x1b[31m\x07\x7f\u0085\u009b\u2028\u202e" ${'x'.repeat(20_000)}`;

describe('one message', () => {
  for (const SIPLOG_BEND of ['stderr', 'json', 'logfile']) {
    test(`when paths and the command contain control characters, it is one printable line of ${SIPLOG_BEND}`, async () => {
      const service = testService();
      const log = service.path('sip.log');
      const options = { env: { SIPLOG_BEND, SIPLOG_LOGFILE_FILE: log } };
      const [binfile, pidfile] = ['/no/such\n\x1b]0;bin', service.path('a\nb\x1b[2J.pid')];
      const { status, stderr } = await sipwd([service.runfile, binfile, pidfile, COMMAND], options);
      const text = SIPLOG_BEND === 'logfile' ? readFileSync(log, 'utf8') : stderr;
      expect(status).toBe(3);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      const expected = [
        messages.down(why.noPidfile(pidfile)),
        messages.noSuchBinary(binfile),
        messages.starting(COMMAND),
        messages.startFailed(ended.status(1), COMMAND),
      ];
      const name = basename(binfile);
      const lines = text.trimEnd().split('\n');
      if (SIPLOG_BEND === 'json') {
        const texts = expected.map((message) => printable(`${name}: ${message.text}`));
        expect(lines.map((line) => JSON.parse(line).msg)).toEqual(texts);
      } else {
        expect(lines.map((line) => LINE.exec(line)?.[7])).toEqual(expected.map((message) => lineOf(message, name)));
      }
    });

    test.skipIf(!canTrace)(
      `when it goes to ${SIPLOG_BEND}, it is written with one write(2) (needs strace)`,
      async () => {
        const service = testService();
        const [log, trace] = [service.path('sip.log'), service.path('trace')];
        const traced = ['-f', '-y', '-s', '100000', '-o', trace, '-e', 'trace=write,writev,pwrite64,pwritev,pwritev2'];
        const env = { SIPLOG_BEND, SIPLOG_LOGFILE_FILE: log };
        const stderr = service.path('stderr');
        const args = [...traced, PROGRAM, ...service.args.with(3, COMMAND)];
        await execa('/bin/sh', ['-c', 'exec strace "$@" 2>stderr', 'sh', ...args], {
          env,
          cwd: service.dir,
          reject: false,
        });
        const file = SIPLOG_BEND === 'logfile' ? log : stderr;
        const calls = readFileSync(trace, 'utf8')
          .split('\n')
          .filter((call) => call.includes(`<${file}>`));
        const sizes = calls.map((call) => /write\(\d+<.*\\n", (\d+)\) += \1$/.exec(call)?.[1]);
        const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
        expect(lines).toHaveLength(3);
        expect(sizes).toEqual(lines.map((line) => String(Buffer.byteLength(line) + 1)));
      },
    );
  }
});
