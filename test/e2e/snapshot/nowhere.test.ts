import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { stateProblem } from '../../../src/log/reasons.ts';
import { canMount } from '../../support/caller.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { kill } from '../../support/family.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive } from '../../support/process.ts';
import { sipwd } from '../../support/sipwd.ts';
import { isRoot, publicProgram, SomeUser } from '../../support/user.ts';

const TWO = [WORKER.plain, WORKER.plain];
const NO_SPACE = 'no space left on device (ENOSPC)';

/** Starts a daemon of a user whose runtime directory is a small file system. */
async function inSmallSpace(work: (place: SmallPlace) => Promise<void>): Promise<void> {
  const user = new SomeUser();
  const { runtime, uid } = user;
  const options = `size=16k,mode=0700,uid=${uid},gid=${uid}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', runtime]);
  try {
    const crew = new Crew(TWO);
    crew.service.give(uid);
    await crew.start(user.options);
    await work(new SmallPlace(crew, user));
  } finally {
    execFileSync('umount', [runtime]);
  }
}

class SmallPlace {
  constructor(
    readonly crew: Crew,
    readonly user: SomeUser,
  ) {}

  get runtime(): string {
    return this.user.runtime;
  }

  run() {
    const env = { SIPLOG_LVL: 'DBUG' };
    return sipwd(this.crew.args, { ...this.user.options, env }, publicProgram());
  }

  /** The line of a run that could not store the snapshot. */
  notStored(problem: string): string {
    return lineOf(messages.snapshotNotStored(problem), this.crew.service.name);
  }

  fill(): void {
    spawnSync('dd', ['if=/dev/zero', `of=${join(this.runtime, 'filler')}`, 'bs=4k'], { stdio: 'ignore' });
  }

  /** What sipwd stores there, except the lock. */
  get stored(): string[] {
    const directory = join(this.runtime, 'sipwd');
    const names = existsSync(directory) ? readdirSync(directory) : [];
    return names.filter((name) => !name.endsWith('.lock')).map((name) => join(directory, name));
  }
}

describe.skipIf(!isRoot || !canMount)('a directory where nothing can be written (needs root, to mount one)', () => {
  test('when there is no space left, a healthy run exits 0, DBUG says why, and no temporary file is left', async () => {
    await inSmallSpace(async (place) => {
      place.fill();
      const run = await place.run();
      expect(run.status).toBe(0);
      expect(run.linesOf('snapshotNotStored')).toEqual([place.notStored(NO_SPACE)]);
      expect(place.stored).toEqual([]);
    });
  });

  test('when there is no space left and the service is down, it is started as without a snapshot', async () => {
    await inSmallSpace(async (place) => {
      const { crew } = place;
      place.fill();
      await place.run();
      const { workers } = crew;
      await crew.killMain();
      expect((await place.run()).status).toBe(0);
      expect(workers.filter(isAlive)).toEqual(workers);
      expect(isAlive(crew.main)).toBe(true);
    });
  });

  test('when the space ran out after a snapshot was stored, that snapshot is intact and is used', async () => {
    await inSmallSpace(async (place) => {
      const { crew } = place;
      await place.run();
      const [snapshot = ''] = place.stored;
      const content = readFileSync(snapshot, 'utf8');
      place.fill();
      await kill(crew.workers.slice(0, 1));
      expect((await place.run()).linesOf('snapshotNotStored')).toEqual([place.notStored(NO_SPACE)]);
      expect(place.stored).toEqual([snapshot]);
      expect(readFileSync(snapshot, 'utf8')).toBe(content);

      const { workers } = crew;
      await crew.killMain();
      expect((await place.run()).status).toBe(0);
      expect(workers.filter(isAlive)).toEqual([]);
    });
  });

  test('when it is read-only, a healthy run exits 0 and DBUG says why', async () => {
    await inSmallSpace(async (place) => {
      execFileSync('mount', ['-o', 'remount,ro', place.runtime]);
      const run = await place.run();
      expect(run.status).toBe(0);
      const problem = 'read-only file system (EROFS)';
      expect(run.linesOf('snapshotNotStored')).toEqual([place.notStored(problem)]);
    });
  });

  const FOREIGN: [string, string, (directory: string) => void][] = [
    ['belongs to another user', 'permission denied (EACCES)', (directory) => chownSync(directory, 0, 0)],
    [
      'is a symbolic link to another',
      stateProblem.directoryNotOwners(),
      (directory) => {
        renameSync(directory, `${directory}.real`);
        symlinkSync(`${directory}.real`, directory);
      },
    ],
  ];
  for (const [what, problem, make] of FOREIGN) {
    test(`when the state directory ${what}, a healthy run neither reads nor writes there, and DBUG says why`, async () => {
      await inSmallSpace(async (place) => {
        await place.run();
        const [snapshot = ''] = place.stored;
        const content = readFileSync(snapshot, 'utf8');
        const directory = join(place.runtime, 'sipwd');
        make(directory);
        await kill(place.crew.workers.slice(0, 1));
        const run = await place.run();
        expect(run.status).toBe(0);
        expect(run.said[0]).toBe(lineOf(messages.snapshotNotUsable(problem), place.crew.service.name));
        const foreign = stateProblem.foreignDirectory(directory, place.user.uid);
        expect(run.linesOf('snapshotNotStored')).toEqual([place.notStored(foreign)]);
        expect(place.stored).toEqual([snapshot]);
        expect(readFileSync(snapshot, 'utf8')).toBe(content);
      });
    });
  }
});
