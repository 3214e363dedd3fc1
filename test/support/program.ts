import { resolve } from 'node:path';

/** The built program: bin/sipwd, or what SIPWD_PROGRAM names. */
export const PROGRAM = resolve(process.env.SIPWD_PROGRAM ?? 'bin/sipwd');

/** Whether it is the standalone program, which cannot do all that bin/sipwd does before its runtime starts. */
export const isStandalone = !PROGRAM.endsWith('bin/sipwd');

/** Follows the title of a test that is skipped for the standalone program. */
export const NOT_STANDALONE = '(not for the standalone program)';
