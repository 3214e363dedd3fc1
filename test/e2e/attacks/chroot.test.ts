import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { canMount } from '../../support/caller.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { isStandalone, NOT_STANDALONE, sipwdIn } from '../../support/sipwd.ts';

test.skipIf(!canMount || isStandalone)(
  `when sipwd runs in a chroot without /proc, nothing is signalled or started: exit 1 (needs mounts) ${NOT_STANDALONE}`,
  async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid, NO_PID);
    const root = service.path('root');
    mkdirSync(root);
    const script = `mount --rbind / ${root} && mount --make-rprivate ${root} && umount -l ${root}/proc && [ ! -e ${root}/proc/self ] && chroot ${root} "$@"`;
    const run = await sipwdIn(script, service.args, { cwd: '/' });
    expect(run).toMatchObject({ status: 1, said: [lineOf(messages.noProcfs(), service.name)] });
    expect({ alive: isAlive(pid), starts: service.starts }).toEqual({ alive: true, starts: 0 });
  },
);
