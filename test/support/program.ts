import { resolve } from 'node:path';

/** The built program, for this file of tests: what SIPWD_PROGRAM names, or bin/sipwd. */
export const PROGRAM = resolve(process.env.SIPWD_PROGRAM ?? 'bin/sipwd');

/** Whether a program is bin/sipwd, which does more before its runtime starts than the standalone program can do. */
export const isEntry = (program: string): boolean => program.endsWith('bin/sipwd');

export const isStandalone = !isEntry(PROGRAM);

/** Follows the title of a test that is skipped for the standalone program. */
export const NOT_STANDALONE = '(not for the standalone program)';
