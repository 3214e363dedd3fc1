// Run by Bun: builds dist/sipwd, which needs no Node. A first build shows which code a healthy check runs; the second
// puts that code at the front, so that it starts faster and uses less memory.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OUT = 'dist/sipwd';

async function build(outfile, bytecodeOrder) {
  const { success, logs } = await Bun.build({
    entrypoints: ['src/standalone.ts'],
    format: 'esm',
    splitting: true,
    minify: true,
    bytecode: true,
    // A bunfig.toml or .env in the working directory is somebody else's code.
    compile: { outfile, bytecodeOrder, autoloadBunfig: false, autoloadDotenv: false },
  });
  for (const log of logs) console.error(log);
  if (!success) process.exit(1);
}

/** A healthy check of this build: the service is the Bun that runs this file. */
function profile(program, directory) {
  const [runfile, pidfile, order] = ['runs', 'pid', 'order'].map((name) => join(directory, name));
  writeFileSync(runfile, '');
  writeFileSync(pidfile, `${process.pid}\n`);
  const env = { ...process.env, XDG_RUNTIME_DIR: directory, BUN_BYTECODE_ORDER_OUT: order };
  // The first check stores a snapshot; the second one is what runs every minute.
  for (let count = 0; count < 2; count++) {
    execFileSync(program, [runfile, process.execPath, pidfile, 'exit 1'], { env, stdio: 'inherit' });
  }
  rmSync(join('/run/sipwd', `${encodeURIComponent(pidfile)}.snapshot`), { force: true });
  return order;
}

const directory = mkdtempSync(join(tmpdir(), 'sipwd-build-'));
try {
  const program = join(directory, 'sipwd');
  await build(program);
  await build(OUT, profile(program, directory));
} finally {
  rmSync(directory, { recursive: true });
}
