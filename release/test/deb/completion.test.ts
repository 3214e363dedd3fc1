import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInstalled } from '../../../test/support/caller.ts';
import { until } from '../../../test/support/wait.ts';
import { ARCHES, DEB, unpack } from './deb.ts';

const directory = mkdtempSync(join(tmpdir(), 'sipwd-completion-'));
const at = (path: string) => join(directory, path);
const share = at('usr/share');

beforeAll(() => {
  unpack(DEB, directory, '/usr/share');
  mkdirSync(at('work/tables'), { recursive: true });
  writeFileSync(at('work/table.tab'), '');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (file: string, ...args: string[]) =>
  execFileSync(file, args, { cwd: at('work'), encoding: 'utf8', env: { ...process.env, HOME: at('work') } });

/** The long options, or the short ones, in the help of the program in the package. */
function helped(pattern: RegExp): string[] {
  const program = ARCHES.find(({ deb }) => deb === DEB)?.program ?? '';
  const [, rest = ''] = run(program, '--help').split('\nOptions:\n');
  const [options = ''] = rest.split('\n\n', 1);
  const flags = options.split('\n').flatMap((line) => /^ {2}(-.*?)(?: {2}|$)/.exec(line)?.[1] ?? []);
  return flags.flatMap((each) => each.match(pattern) ?? []).sort();
}

const LONG = /--[a-z-]+/g;
const ALL = /--?[a-z][a-z-]*/gi;

/** What bash offers when the last of these words is completed. */
function bash(...words: string[]): string[] {
  const script = `
    . ${share}/bash-completion/completions/sipwd
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _sipwd
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return linesOf(run('bash', '--norc', '-c', script, 'bash', ...words));
}

function fish(line: string): string[] {
  const script = `source ${share}/fish/vendor_completions.d/sipwd.fish; complete -C '${line}'`;
  return linesOf(run('fish', '--no-config', '-c', script)).map((offer) => offer.split('\t')[0] ?? '');
}

/** A server that is killed still listens for a moment: each has its own socket. */
let servers = 0;

/** What zsh shows in a terminal, once it shows this text. */
async function zsh(line: string, text: string): Promise<string> {
  const socket = at(`tmux${servers++}`);
  const tmux = (...args: string[]) => run('tmux', '-S', socket, '-f', '/dev/null', ...args);
  const screen = () => tmux('capture-pane', '-p', '-J');
  tmux('new-session', '-d', '-x', '300', '-y', '100', '-c', at('work'), 'exec zsh -f -i');
  try {
    const setup = `PS1='ready> '; fpath=(${share}/zsh/vendor-completions $fpath); autoload -Uz compinit; compinit -u -D`;
    tmux('send-keys', '-l', `${setup}; clear\n`);
    await until('zsh is ready', () => screen().trim() === 'ready>');
    tmux('send-keys', '-l', line);
    tmux('send-keys', 'Tab');
    await until(`zsh offers ${text}`, () => screen().includes(text));
    return screen();
  } finally {
    tmux('kill-server');
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

describe('the completion of bash', () => {
  test('when an option is completed, every option of the help is offered', () => {
    expect(helped(ALL)).toContain('--table');
    expect(bash('sipwd', '-').sort()).toEqual(helped(ALL));
    expect(bash('sipwd', '--dry')).toEqual(['--dry-run']);
  });

  test('when an argument or a table is completed, files are offered', () => {
    expect(bash('sipwd', 'ta').sort()).toEqual(['table.tab', 'tables']);
    expect(bash('sipwd', '-n', '--table', 'table.')).toEqual(['table.tab']);
    expect(bash('sipwd', '--table', '=', 'table.')).toEqual(['table.tab']);
    expect(bash('sipwd', '--table', '=').sort()).toEqual(['table.tab', 'tables']);
  });

  test('when the value of an option is a number or a name, nothing is offered', () => {
    expect(bash('sipwd', '--term-timeout', '')).toEqual([]);
    expect(bash('sipwd', '--name', 'ta')).toEqual([]);
  });
});

describe.skipIf(!isInstalled('fish'))('the completion of fish (needs fish)', () => {
  test('when an option is completed, every option of the help is offered', () => {
    expect(fish('sipwd -').sort()).toEqual(helped(ALL));
  });

  test('when an argument or a table is completed, files are offered; for a number, nothing', () => {
    expect(fish('sipwd ta').sort()).toEqual(['table.tab', 'tables/']);
    expect(fish('sipwd --table table.')).toEqual(['table.tab']);
    expect(fish('sipwd --term-timeout ta')).toEqual([]);
  });
});

describe.skipIf(!isInstalled('zsh') || !isInstalled('tmux'))('the completion of zsh (needs zsh and tmux)', () => {
  test('when an option is completed, every option of the help is offered', async () => {
    const last = helped(LONG).at(-1) ?? '';
    const offered = linesOf(await zsh('sipwd --', last)).flatMap((line) => /^--[a-z-]+/.exec(line)?.[0] ?? []);
    expect(offered.sort()).toEqual(helped(LONG));
  });

  test('when a table is completed, files are offered', async () => {
    expect(await zsh('sipwd --table table.', 'table.tab')).toContain('sipwd --table table.tab');
  });
});
