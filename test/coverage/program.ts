import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'rolldown';

/** The build of the program whose runs are counted, and where its files are. */
export const BUILD = 'coverage/program';
export const DIST = `${BUILD}/dist`;

/** Names the directory for what the runs write. Node's own variable would make the tests write as well. */
export const RAW = 'SIPWD_RAW_COVERAGE';

/**
 * Builds the program with maps to its source, by the compiler that vitest uses: the same code has the same places, from
 * whichever test it runs. The tests then run this program.
 */
export default async function setup(): Promise<() => void> {
  rmSync(BUILD, { recursive: true, force: true });
  const { output } = await build({
    input: 'src/main.ts',
    platform: 'node',
    // What is left out, or put into another place, would be missing in the result.
    treeshake: false,
    optimization: { inlineConst: false },
    logLevel: 'warn',
    output: {
      dir: DIST,
      format: 'cjs',
      // Without a comment in the program: Node would copy the map into each of its files.
      sourcemap: 'hidden',
      // Not main.js: some tests run the usual build, which has another one.
      entryFileNames: 'entry-[hash].js',
      chunkFileNames: 'late-[hash].js',
      minify: false,
    },
  });
  writeFileSync(`${DIST}/main.js`, `module.exports = require('./${output[0].fileName}');\n`);
  writeFileSync(`${DIST}/package.json`, '{ "type": "commonjs" }\n');
  cpSync('bin', `${BUILD}/bin`, { recursive: true });
  // Every user runs the program.
  const raw = mkdtempSync('/tmp/sipwd-coverage-');
  chmodSync(raw, 0o1777);
  process.env[RAW] = raw;
  process.env.SIPWD_PROGRAM = `${BUILD}/bin/sipwd`;
  return () => rmSync(raw, { recursive: true, force: true });
}
