import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canMount } from '../support/caller.ts';
import { Crew, WORKER } from '../support/crew.ts';
import { kill } from '../support/family.ts';
import { isAlive } from '../support/process.ts';
import { sipwd } from '../support/sipwd.ts';
import { folderOf, isRoot, NOBODY, publicProgram } from '../support/user.ts';

const TWO = [WORKER.plain, WORKER.plain];
const AS_NOBODY = { uid: NOBODY, gid: NOBODY };

/** A daemon of a user whose runtime folder is a small file system. */
async function inSmallSpace(work: (place: SmallPlace) => Promise<void>): Promise<void> {
  const runtime = folderOf(NOBODY);
  const options = `size=16k,mode=0700,uid=${NOBODY},gid=${NOBODY}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', runtime]);
  try {
    const crew = new Crew(TWO);
    crew.service.give(NOBODY);
    await crew.start(AS_NOBODY);
    await work(new SmallPlace(crew, runtime));
  } finally {
    execFileSync('umount', [runtime]);
  }
}

class SmallPlace {
  constructor(
    readonly crew: Crew,
    readonly runtime: string,
  ) {}

  run() {
    const env = { XDG_RUNTIME_DIR: this.runtime, SIPLOG_LVL: 'DBUG' };
    return sipwd(this.crew.args, { ...AS_NOBODY, env }, publicProgram());
  }

  fill(): void {
    spawnSync('dd', ['if=/dev/zero', `of=${join(this.runtime, 'filler')}`, 'bs=4k'], { stdio: 'ignore' });
  }

  /** What sipwd keeps there, but for the lock. */
  get kept(): string[] {
    const folder = join(this.runtime, 'sipwd');
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.filter((name) => !name.endsWith('.lock')).map((name) => join(folder, name));
  }
}

describe.skipIf(!isRoot || !canMount)('a place where nothing can be written (needs root, to mount one)', () => {
  test('when there is no space left, a healthy run exits 0, DBUG says why, and nothing is left behind', async () => {
    await inSmallSpace(async (place) => {
      place.fill();
      const run = await place.run();
      expect(run.status).toBe(0);
      expect(run.said.at(-1)).toMatch(/^cannot write down what was seen of \S+: no space left on device \(ENOSPC\)$/);
      expect(place.kept).toEqual([]);
    });
  });

  test('when there is no space left and the service is down, it is started as if there were no memory', async () => {
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

  test('when the space has run out since, the last record stays whole and is used', async () => {
    await inSmallSpace(async (place) => {
      const { crew } = place;
      await place.run();
      const [record = ''] = place.kept;
      const content = readFileSync(record, 'utf8');
      place.fill();
      await kill(crew.workers.slice(0, 1));
      expect((await place.run()).said.at(-1)).toContain('(ENOSPC)');
      expect(place.kept).toEqual([record]);
      expect(readFileSync(record, 'utf8')).toBe(content);

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
      expect(run.said.at(-1)).toMatch(/^cannot write down what was seen of \S+: read-only file system \(EROFS\)$/);
    });
  });

  const FOREIGN: [string, (folder: string) => void][] = [
    ['can be reached by others', (folder) => chmodSync(folder, 0o755)],
    ['belongs to another user', (folder) => chownSync(folder, 0, 0)],
    [
      'is a link to another',
      (folder) => {
        renameSync(folder, `${folder}.real`);
        symlinkSync(`${folder}.real`, folder);
      },
    ],
  ];
  for (const [what, make] of FOREIGN) {
    test(`when its folder ${what}, a healthy run neither reads nor writes there, and DBUG says why`, async () => {
      await inSmallSpace(async (place) => {
        await place.run();
        const [record = ''] = place.kept;
        const content = readFileSync(record, 'utf8');
        make(join(place.runtime, 'sipwd'));
        await kill(place.crew.workers.slice(0, 1));
        const run = await place.run();
        expect(run.status).toBe(0);
        expect(run.said[0]).toMatch(
          /^cannot use what was seen of \S+: (its folder is not its owner's|permission denied)/,
        );
        expect(run.said.at(-1)).toMatch(/^cannot write down what was seen of \S+: \S+ is not a folder that only uid/);
        expect(place.kept).toEqual([record]);
        expect(readFileSync(record, 'utf8')).toBe(content);
      });
    });
  }

  test('when the runtime folder is not there, a healthy run exits 0 and DBUG says why', async () => {
    await inSmallSpace(async ({ crew, runtime }) => {
      const place = new SmallPlace(crew, join(runtime, 'absent'));
      const run = await place.run();
      expect(run.status).toBe(0);
      expect(run.said.at(-1)).toMatch(/^cannot write down what was seen of \S+: no such file or directory \(ENOENT\)$/);
    });
  });
});
