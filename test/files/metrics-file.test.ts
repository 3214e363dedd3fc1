import { execFileSync } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isOfOthers, metricsFile, metricsFileIdentity, writeMetricsFile } from '../../src/files/metrics-file.ts';
import { problem } from '../../src/log/reasons.ts';
import { temporaryFolder } from '../support/folder.ts';
import { isRoot, NOBODY } from '../support/user.ts';

describe('the name of the file', () => {
  test.each([
    ['svc', 'sipwd_svc.prom'],
    ['a b/c"é', 'sipwd_a_b_c__.prom'],
    ['..', 'sipwd_...prom'],
    ['x'.repeat(300), `sipwd_${'x'.repeat(200)}.prom`],
  ])('when the service is called %s, it is %s', (name, file) => {
    expect(basename(metricsFile('/dir', name))).toBe(file);
  });
});

describe('the file', () => {
  test('when it is written, it has mode 0644, and nothing else is left', () => {
    const directory = temporaryFolder();
    writeMetricsFile(`${directory}/a.prom`, 'text');
    expect(readdirSync(directory)).toEqual(['a.prom']);
    expect(readFileSync(`${directory}/a.prom`, 'utf8')).toBe('text');
    expect(lstatSync(`${directory}/a.prom`).mode & 0o777).toBe(0o644);
  });

  test('when it is written again, its identity changes; without it, there is none', () => {
    const path = join(temporaryFolder(), 'a.prom');
    expect(metricsFileIdentity(path)).toBeUndefined();
    const identity = writeMetricsFile(path, 'one');
    expect(metricsFileIdentity(path)).toBe(identity);
    writeMetricsFile(path, 'two');
    expect(metricsFileIdentity(path)).not.toBe(identity);
  });

  test('when a link is in its place, the link is replaced, and its target stays', () => {
    const directory = temporaryFolder();
    writeFileSync(`${directory}/target`, 'kept');
    symlinkSync('target', `${directory}/a.prom`);
    writeMetricsFile(`${directory}/a.prom`, 'text');
    expect(readFileSync(`${directory}/target`, 'utf8')).toBe('kept');
    expect(lstatSync(`${directory}/a.prom`).isFile()).toBe(true);
  });

  test('when runs were killed, their temporary files are removed after an hour, and no others', () => {
    const directory = temporaryFolder();
    const names = ['a.prom.1-1', 'a.prom.2-2', 'b.prom.3-3', 'a.promise'];
    for (const name of names) writeFileSync(`${directory}/${name}`, '');
    symlinkSync('none', `${directory}/a.prom.link`);
    const old = Date.now() / 1000 - 3700;
    for (const name of ['a.prom.1-1', 'b.prom.3-3', 'a.promise']) utimesSync(`${directory}/${name}`, old, old);
    lutimesSync(`${directory}/a.prom.link`, old, old);
    writeMetricsFile(`${directory}/a.prom`, '');
    expect(readdirSync(directory).toSorted()).toEqual(['a.prom', 'a.prom.2-2', 'a.promise', 'b.prom.3-3']);
  });

  test.skipIf(!isRoot)('when a link of another user leads to the directory, it is refused (needs root)', () => {
    const directory = temporaryFolder();
    mkdirSync(`${directory}/real`);
    for (const name of ['own', 'foreign']) symlinkSync('real', `${directory}/${name}`);
    execFileSync('chown', ['-h', String(NOBODY), `${directory}/foreign`]);
    writeMetricsFile(`${directory}/own/a.prom`, '');
    const refused = problem.foreignLink(`${directory}/foreign`, NOBODY);
    expect(() => writeMetricsFile(`${directory}/foreign/a.prom`, '')).toThrow(refused);
    chownSync(`${directory}/real`, NOBODY, NOBODY);
    expect(writeMetricsFile(`${directory}/real/b.prom`, '')).not.toBe('');
  });

  test('when there is no directory, or it is a file, that is an error', () => {
    const directory = temporaryFolder();
    writeFileSync(`${directory}/file`, '');
    expect(() => writeMetricsFile(`${directory}/none/a.prom`, '')).toThrow('ENOENT');
    expect(() => writeMetricsFile(`${directory}/file/a.prom`, '')).toThrow('ENOTDIR');
  });
});

describe('the metrics of others', () => {
  test('when the file has one of the labels, or there is none, they are its own', () => {
    const path = join(temporaryFolder(), 'a.prom');
    expect(isOfOthers(path, ['pidfile="/p"'])).toBe(false);
    writeFileSync(path, 'x{pidfile="/p"} 1');
    expect(isOfOthers(path, ['pidfile="/p"'])).toBe(false);
    expect(isOfOthers(path, ['pidfile="/other"'])).toBe(true);
    expect(isOfOthers(path, ['pidfile="/other"', 'pidfile="/p"'])).toBe(false);
  });
});
