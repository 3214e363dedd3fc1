import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { canTrace } from '../support/caller.ts';
import { testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';

/** A command that is long, and holds what would break a line, or a terminal. */
const COMMAND = `false "\n\r\t\x1b[31m\x07\x7f\u0085\u2028\u202e" ${'x'.repeat(20_000)}`;
const ESCAPED = `false "\\n\\r\\t\\x1b[31m\\x07\\x7f\\x85\\u{2028}\\u{202e}" ${'x'.repeat(20_000)}`;

describe('one message', () => {
  for (const SIPLOG_BEND of ['stderr', 'json', 'logfile']) {
    test(`when paths and the command hold control characters, it is one printable line of ${SIPLOG_BEND}`, async () => {
      const service = testService();
      const [runfile] = service.args;
      const log = service.path('sip.log');
      const options = { env: { SIPLOG_BEND, SIPLOG_LOGFILE_FILE: log } };
      const args = [runfile, '/no/such\n\x1b]0;bin', service.path('a\nb.pid'), COMMAND];
      const { status, stderr } = await sipwd(args, options);
      const text = SIPLOG_BEND === 'logfile' ? readFileSync(log, 'utf8') : stderr;
      expect(status).toBe(3);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      const lines = text.trimEnd().split('\n');
      const messages = lines.map((line) => (SIPLOG_BEND === 'json' ? JSON.parse(line).msg : line.replace(/.*?: /, '')));
      const binfile = '/no/such\\n\\x1b]0;bin';
      expect(messages).toEqual([
        `${binfile} is down: there is no pidfile ${service.dir}/a\\nb.pid`,
        `there is no file ${binfile}: a typo, or an upgrade under way?`,
        `starting ${binfile}: ${ESCAPED}`,
        `cannot start ${binfile}: the command exited with status 1: ${ESCAPED}`,
      ]);
    });

    test.skipIf(!canTrace)(`when it is written to ${SIPLOG_BEND}, that is one write(2) (needs strace)`, async () => {
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
    });
  }
});
