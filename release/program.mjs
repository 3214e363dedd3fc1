// Run by Bun: builds the standalone program, for the machine that builds or for another target.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateDirectory, stateName } from '../src/files/state-dir.ts';

/** CommonJS packages would get the directory of this checkout, and two checkouts would make two builds. */
export const NO_CHECKOUT = { __dirname: '"/"', __filename: '"/sipwd"' };

/**
 * So many times later than usual the runtime compiles what it interprets: most runs are over before that saves time. A
 * healthy check takes 7 % less time, one of 400 PIDs 14 %, a table of 100 services 20 to 30 %. With 16, the last two gain less.
 */
const JIT_POLICY = 32;

/** Two are the usual case. */
const MAX_PROFILES = 10;

/**
 * Builds one program, and returns the paths of the source files in it. Throws if the build fails.
 *
 * @param outfile the path of the program
 * @param options what else `compile` of Bun.build takes: `bytecodeOrder`, and for another target `target` and
 *   `executablePath`, Bun's runtime for it, which must have the version of the Bun that builds
 */
export async function buildProgram(outfile, options = {}) {
  const { metafile } = await Bun.build({
    entrypoints: ['src/standalone.ts'],
    format: 'esm',
    splitting: true,
    minify: true,
    bytecode: true,
    metafile: true,
    define: NO_CHECKOUT,
    // A bunfig.toml or .env in the working directory is somebody else's code.
    compile: { outfile, autoloadBunfig: false, autoloadDotenv: false, jitPolicy: JIT_POLICY, ...options },
  });
  return Object.keys(metafile.inputs);
}

/**
 * Writes down which code a healthy check runs. A build with this order puts that code at the front, starts faster and uses
 * less memory. The order names functions by a hash of their source, so it serves every target.
 *
 * @param use is called with the path of the order file, which is removed afterwards
 */
export async function withBytecodeOrder(use) {
  const directory = mkdtempSync(join(tmpdir(), 'sipwd-build-'));
  try {
    const program = join(directory, 'sipwd');
    await buildProgram(program);
    await use(steadyOrder(program, directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The order file, once two checks in a row ran the same code: what else the machine does can change it. */
function steadyOrder(program, directory) {
  let before;
  for (let count = 0; count < MAX_PROFILES; count++) {
    const order = profile(program, directory);
    const text = readFileSync(order, 'utf8');
    if (text === before) return order;
    before = text;
  }
  throw new Error(`no two of ${MAX_PROFILES} checks in a row ran the same code`);
}

/** A healthy check of this build: the service is the Bun that runs this file. */
function profile(program, directory) {
  const [runfile, pidfile, order] = ['runs', 'pid', 'order'].map((name) => join(directory, name));
  writeFileSync(runfile, '');
  writeFileSync(pidfile, `${process.pid}\n`);
  // As cron runs it. Other variables, or a terminal, would run other code and make another program.
  const env = { PATH: '/usr/bin:/bin', BUN_BYTECODE_ORDER_OUT: order };
  // The first check stores a snapshot; the second one is what runs every minute.
  for (let count = 0; count < 2; count++) {
    execFileSync(program, [runfile, process.execPath, pidfile, 'exit 1'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }
  rmSync(join(stateDirectory(), `${stateName(pidfile)}.snapshot`), { force: true });
  return order;
}
