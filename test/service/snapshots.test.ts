import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Snapshots } from '../../src/service/snapshots.ts';
import { temporaryFolder } from '../support/folder.ts';

const BOOT = '6a5b2f1e-0000-4000-8000-000000000000';

const textOf = (binfile: string, boot = BOOT) =>
  JSON.stringify({ boot, binfile, pidfile: '', access: null, mains: [], workers: [], start: null });

describe('the snapshots of all services', () => {
  const snapshots = new Snapshots();
  let folder: string;
  const binfiles = () =>
    Object.fromEntries([...snapshots.in(folder, BOOT)].map(([name, { binfile }]) => [name, binfile]));

  /** As sipwd does: complete, or not at all. */
  function put(name: string, text: string): void {
    writeFileSync(join(folder, 'new'), text, { mode: 0o600 });
    renameSync(join(folder, 'new'), join(folder, name));
  }

  beforeEach(() => {
    folder = temporaryFolder();
    chmodSync(folder, 0o700);
    put('one.snapshot', textOf('/bin/one'));
    put('two.snapshot', textOf('/bin/two'));
    expect(binfiles()).toEqual({ 'one.snapshot': '/bin/one', 'two.snapshot': '/bin/two' });
  });

  test('when one is replaced by another of the same size, the next question gets the new one', () => {
    put('one.snapshot', textOf('/bin/ten'));
    expect(binfiles()).toEqual({ 'one.snapshot': '/bin/ten', 'two.snapshot': '/bin/two' });
  });

  test('when one is removed, it is no longer there, and when it is made again, it is', () => {
    rmSync(join(folder, 'one.snapshot'));
    expect(binfiles()).toEqual({ 'two.snapshot': '/bin/two' });
    put('one.snapshot', textOf('/bin/ten'));
    expect(binfiles()).toEqual({ 'one.snapshot': '/bin/ten', 'two.snapshot': '/bin/two' });
  });

  test('when one is damaged, of another boot, or of another user, it is left out', () => {
    put('one.snapshot', '{');
    expect(binfiles()).toEqual({ 'two.snapshot': '/bin/two' });
    put('one.snapshot', textOf('/bin/one', 'another'));
    expect(binfiles()).toEqual({ 'two.snapshot': '/bin/two' });
    put('one.snapshot', textOf('/bin/one'));
    chmodSync(join(folder, 'one.snapshot'), 0o644);
    expect(binfiles()).toEqual({ 'two.snapshot': '/bin/two' });
  });

  test('when other users can use the directory, there is none', () => {
    chmodSync(folder, 0o755);
    expect(binfiles()).toEqual({});
  });
});
