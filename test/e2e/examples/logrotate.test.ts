import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import { messagesIn } from '../../support/log.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { isRoot } from '../../support/user.ts';

test.skipIf(!isRoot || !isInstalled('logrotate'))(
  'when the log file is rotated, the next line goes to a new file (needs root and logrotate)',
  async () => {
    const service = testService();
    const log = service.path('sip.log');
    const rotation = service.write(
      'rotate',
      readFileSync('examples/logrotate.d/sipwd', 'utf8').replace('/var/log/sip.log', log),
    );
    const env = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: log };
    const runs = () => sipwd(['-e', ...service.args], { env });
    chmodSync(service.dir, 0o755);
    await runs();
    const first = readFileSync(log, 'utf8');
    execaSync('logrotate', ['--force', '--state', service.path('state'), rotation]);
    expect(existsSync(log)).toBe(false);
    await runs();
    expect(readFileSync(`${log}.1`, 'utf8')).toBe(first);
    expect(messagesIn(readFileSync(log, 'utf8'))).toEqual(messagesIn(first));
  },
);
